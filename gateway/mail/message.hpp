#pragma once

#include "auth/basics/clock.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// A mail before it is written as one.
struct Message {
    std::string from; // addresses are ASCII and judged before
    std::string from_name{};
    std::string to;
    std::string subject{};
    std::string text{};
    std::string html{}; // empty: none
    auth::Seconds date{};
    std::string id; // random; of its Message-ID, and what separates its parts
};

/// As it goes over the wire (RFC 5322, 2045, 2047): ASCII, lines of at most 76 characters that end
/// with CRLF. Nothing in a field, however it is made, begins another one.
[[nodiscard]] std::string written(const Message& message);

/// Whether mail can be sent there: ASCII, one `@`, nothing that means something in a header or an
/// SMTP command.
[[nodiscard]] bool is_mailable(std::string_view address);

// The parts of it.

/// Text as quoted-printable, whatever its line breaks are.
[[nodiscard]] std::string quoted_printable(std::string_view text);
/// The value of a field: as it is, where it is short and plain, else as encoded words.
[[nodiscard]] std::string field_text(std::string_view text);
/// RFC 5322, 3.3, in UTC.
[[nodiscard]] std::string date_text(auth::Seconds time);

} // namespace gatehouse::gateway
