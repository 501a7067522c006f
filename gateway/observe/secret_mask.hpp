#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Finds what must not stand in a log: tokens (JWTs) and API keys anywhere, whatever belongs to one
/// of the chosen names (`access_token=...`), what follows `Bearer` or `Basic`, and the user's part
/// of a URL. Written instead: `***`. What is percent-encoded is looked at as it reads decoded.
class SecretMask {
public:
    /// Names are compared by their letters and digits alone, in any case.
    explicit SecretMask(std::span<const std::string> names);

    /// Appends a query: each value of a name is judged by itself.
    void append_query(std::string& out, std::string_view query) const;
    /// Appends a path: each segment is judged by itself.
    void append_path(std::string& out, std::string_view path) const;
    /// Appends a URL, as it stands in Referer.
    void append_url(std::string& out, std::string_view url) const;
    /// Appends any other text.
    void append_text(std::string& out, std::string_view text) const;

private:
    [[nodiscard]] bool is_name(std::string_view name) const;
    [[nodiscard]] bool hides_secret(std::string_view text) const;
    [[nodiscard]] bool shows_secret(std::string_view text) const;
    [[nodiscard]] std::size_t length_of_named(std::string_view text, std::string_view before) const;

    std::vector<std::string> names_; // lower case, letters and digits alone
};

/// No text shorter than this holds a signed token or an API key: HMAC-SHA-256 alone takes 43.
inline constexpr std::size_t least_credential_bytes = 64;

} // namespace gatehouse::gateway
