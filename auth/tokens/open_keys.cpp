#include "auth/tokens/open_keys.hpp"

#include "auth/store/open_store.hpp"
#include "auth/tokens/key_directory.hpp"
#include "auth/tokens/key_file.hpp"
#include "auth/tokens/key_memory.hpp"
#include "auth/tokens/key_secrets.hpp"
#include "auth/tokens/key_store.hpp"

#include <string_view>
#include <utility>

namespace gatehouse::auth {

namespace {

/// Beside the store ("sqlite:x.db": x.db.keys.json); empty: it has no beside.
[[nodiscard]] std::string file_beside(std::string_view store)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!store.starts_with(sqlite)) return {};
    return std::string(store.substr(sqlite.size())) + ".keys.json";
}

/// The one row that lies in a store which is not opened for it.
class FoundKeys final : public KeptKeys {
public:
    explicit FoundKeys(std::optional<Kept> found) : found_(std::move(found)) {}

    Result<std::optional<Kept>, StoreError> read_keys(std::string_view) override { return found_; }

    Result<bool, StoreError> replace_keys(std::string_view, std::uint64_t, std::string_view,
                                          Millis) override
    {
        return StoreError::unavailable; // nobody writes through a mere look
    }

private:
    const std::optional<Kept> found_;
};

} // namespace

Result<std::unique_ptr<KeyPlace>, KeyError> open_key_place(const config::Settings& settings,
                                                           KeptKeys& store, const Clock& clock)
{
    using Place = std::unique_ptr<KeyPlace>;
    const auto& tokens = settings.tokens;
    if (tokens.algorithm == config::Algorithm::hs256) {
        return Place(std::make_unique<KeySecrets>(tokens));
    }
    if (!tokens.keys_directory.empty()) {
        return Place(std::make_unique<KeyDirectory>(tokens.keys_directory, tokens.algorithm));
    }
    if (!tokens.keys_file.empty()) return Place(std::make_unique<KeyFile>(tokens.keys_file));
    const auto beside = file_beside(settings.store);
    if (!tokens.sealing_secret.empty()) {
        auto seal = KeySeal::make(tokens.sealing_secret, tokens.sealing_secrets_previous);
        if (!seal) return seal.error();
        return Place(std::make_unique<KeyStore>(store, *std::move(seal), clock, beside));
    }
    if (!beside.empty()) return Place(std::make_unique<KeyFile>(beside));
    return Place(std::make_unique<KeyMemory>());
}

Result<std::unique_ptr<KeyKeeper>, KeyError> open_keys(const config::Settings& settings,
                                                       KeptKeys& store, const Clock& clock)
{
    auto place = open_key_place(settings, store, clock);
    if (!place) return place.error();
    return KeyKeeper::open(settings.tokens, *std::move(place), clock);
}

std::optional<std::string> problem_with_keys(const config::Settings& settings)
{
    const SystemClock clock;
    Result<std::optional<KeptKeys::Kept>, std::string> kept(std::nullopt);
    if (!settings.tokens.sealing_secret.empty()) {
        kept = kept_keys_of_store(settings.store, settings.postgres, KeyStore::name);
    }
    // A store that cannot be read is said of the store.
    FoundKeys found(kept ? *kept : std::nullopt);
    auto place = open_key_place(settings, found, clock);
    if (!place) return place.error().message;
    const auto keys = (*place)->read();
    return keys ? std::nullopt : std::optional(keys.error().message);
}

} // namespace gatehouse::auth
