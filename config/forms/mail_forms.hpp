#pragma once

#include "config/diagnostics/report.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Where mails are handed in.
struct SmtpAddress {
    bool tls = false;   // from the first byte on
    std::string host{}; // IPv6 without brackets
    std::uint16_t port = 0;
};

/// Reads `smtp://host[:port]` or `smtps://host[:port]`. No user and no password: files with
/// addresses are read by many.
[[nodiscard]] std::optional<SmtpAddress> parse_smtp_address(std::string_view url);

/// Where a token stands in the link of a mail.
inline constexpr std::string_view token_mark = "{token}";

/// An absolute URL with one `{token}` behind its host: https, or http on loopback.
[[nodiscard]] bool is_mail_link(std::string_view text);

/// `local@domain` in ASCII.
[[nodiscard]] bool is_sender_address(std::string_view text);

/// What a mail's template may show, as `{{link}}`.
enum class MailFill : std::uint8_t { link, site, name, address, minutes };

inline constexpr std::array<std::string_view, 5> mail_fills = {"link", "site", "name", "address",
                                                               "minutes"};

/// Nothing, or what is wrong: a `{{` that is not closed, or a word that nothing is filled in for.
[[nodiscard]] std::optional<Problem> problem_of_template(std::string_view text);

[[nodiscard]] bool shows_link(std::string_view mail_template);

/// By MailFill.
using MailValues = std::array<std::string, mail_fills.size()>;

enum class Filling : std::uint8_t { text, html };

/// The template with its values: as they are, or escaped for HTML. What problem_of_template() has
/// something against stays as it is.
[[nodiscard]] std::string filled(std::string_view mail_template, const MailValues& values,
                                 Filling filling);

} // namespace gatehouse::config
