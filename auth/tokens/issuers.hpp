#pragma once

#include "auth/tokens/foreign_verifier.hpp"
#include "auth/tokens/issuer_keys.hpp"
#include "config/settings/settings.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Where the keys of an issuer are fetched and what of them is of use: the same text in two
/// generations of settings means the same keys. Empty: they are not fetched.
[[nodiscard]] std::string key_source_of(const config::IssuerSettings& settings);

/// What was fetched, by key_source_of(). Immutable where it is shared.
using FetchedKeys = std::map<std::string, std::shared_ptr<const IssuerKeys>, std::less<>>;

/// One of the issuers that the settings name.
struct Issuer {
    ForeignVerifier verifier;
    std::string source;                     // key_source_of()
    std::shared_ptr<const IssuerKeys> keys; // of a file or a secret; null: fetched, or broken
};

/// All of them, of one generation of settings. Immutable.
class Issuers {
public:
    /// There is nobody else.
    Issuers() = default;
    explicit Issuers(const config::Settings& settings);

    /// In the order of `issuers`: what stands here at n is n + 1 in a config::IssuerSet.
    [[nodiscard]] std::span<const Issuer> all() const noexcept { return all_; }

    /// Of those in `believed`, the place of the one whose `iss` this is.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view issuer,
                                                  config::IssuerSet believed) const noexcept;

    /// Whether an id is such as a user of one of them has.
    [[nodiscard]] bool name(std::string_view user_id) const noexcept;

private:
    std::vector<Issuer> all_;
};

} // namespace gatehouse::auth
