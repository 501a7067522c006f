#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/kept_keys.hpp"
#include "auth/tokens/key_place.hpp"
#include "auth/tokens/key_seal.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Keys in the store that all gateways share, sealed. Whoever comes first makes them: each change
/// is a conditional write, and who was slower begins again with what the faster one wrote.
class KeyStore final : public KeyPlace {
public:
    /// Under which they are kept.
    static constexpr std::string_view name = "token_keys";

    /// `former_file`: keys that were kept there move into a store that has none yet; may be empty.
    KeyStore(KeptKeys& store, KeySeal seal, const Clock& clock, std::string former_file = {});

    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() override;
    /// Also seals again what was sealed under a previous secret.
    [[nodiscard]] Result<KeySet, KeyError> update(const Change& change) override;

    [[nodiscard]] Habits habits() const noexcept override
    {
        return {.ours = true, .watched = true, .announced = true};
    }

private:
    struct Kept {
        std::uint64_t version = 0;
        std::optional<KeySet> keys;
        bool is_outdated = false; // should be written again, although nothing changed
    };

    [[nodiscard]] Result<Kept, KeyError> read_row();
    [[nodiscard]] Result<Kept, KeyError> read_former_file() const;

    KeptKeys& store_;
    const KeySeal seal_;
    const Clock& clock_;
    const std::string former_file_;
    std::string last_bytes_; // what last_ was read from: looking again is one comparison
    Kept last_;
};

} // namespace gatehouse::auth
