#include "auth/tokens/open_keys.hpp"

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

[[nodiscard]] Result<std::unique_ptr<KeyPlace>, KeyError>
place_of(const config::Settings& settings, KeptKeys& store, const Clock& clock)
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

} // namespace

Result<std::unique_ptr<KeyKeeper>, KeyError> open_keys(const config::Settings& settings,
                                                       KeptKeys& store, const Clock& clock)
{
    auto place = place_of(settings, store, clock);
    if (!place) return place.error();
    return KeyKeeper::open(settings.tokens, *std::move(place), clock);
}

std::optional<std::string> problem_with_keys(const config::TokenSettings& tokens)
{
    const auto problem_of = [](KeyPlace&& place) -> std::optional<std::string> {
        const auto keys = place.read();
        return keys ? std::nullopt : std::optional(keys.error().message);
    };
    if (tokens.algorithm == config::Algorithm::hs256) return std::nullopt;
    if (!tokens.keys_directory.empty()) {
        return problem_of(KeyDirectory(tokens.keys_directory, tokens.algorithm));
    }
    if (!tokens.keys_file.empty()) return problem_of(KeyFile(tokens.keys_file));
    return std::nullopt;
}

} // namespace gatehouse::auth
