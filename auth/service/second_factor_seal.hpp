#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/tokens/key_seal.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/settings.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What the secrets of authenticator apps are sealed under before a store keeps them. Unlike
/// signing keys they are not made anew now and then, so neither may be what seals them: it is a
/// secret of the operator's (`second_factor.sealing_file`, else that of the signing keys), else a
/// file beside an SQLite store, else, where the store is memory, nothing that outlives the process.
/// Whatever is there opens; the first of them seals. Safe from any thread.
class SecondFactorSeal {
public:
    /// `complain` hears on any thread why a secret can be neither sealed nor opened: whoever shows
    /// a code is told to try again, and nobody else would know.
    explicit SecondFactorSeal(const config::Settings& settings, FailureReport::Say complain = {});

    /// Whether there is anything to seal under: a shared store needs a secret of the operator's.
    [[nodiscard]] bool is_possible() const noexcept { return possible_; }

    /// For a new secret. Makes the file beside the store when it is needed first.
    /// Error: a sentence for the operator.
    [[nodiscard]] Result<KeySeal, std::string> for_sealing() const;
    /// For secrets that are kept. Makes nothing. Error: the same.
    [[nodiscard]] Result<KeySeal, std::string> for_opening() const;

    /// What a store keeps of this user. Nothing: it cannot be opened.
    [[nodiscard]] std::optional<KeySeal::Opened> open(std::string_view user_id,
                                                      std::string_view sealed) const;

    /// A sealed secret is one user's.
    [[nodiscard]] static std::string name_of(std::string_view user_id);

private:
    [[nodiscard]] Result<KeySeal, std::string> new_file_if_needed() const;
    [[nodiscard]] Result<KeySeal, std::string> with_file() const;

    mutable FailureReport report_;
    bool possible_ = false;
    std::vector<Secret> given_; // the one that seals first
    std::string file_;          // beside the store; "": there is no beside
    mutable std::mutex mutex_;
    mutable std::optional<KeySeal> made_; // of all there is
};

} // namespace gatehouse::auth
