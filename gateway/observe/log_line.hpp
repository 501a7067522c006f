#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/observe/careful_record.hpp"
#include "gateway/observe/line_cursor.hpp"
#include "gateway/observe/second_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Appends `2026-11-21T12:00:00.123Z`.
void append_time(std::string& out, auth::Millis at);

/// Appends `,"name":"value"`, or nothing for an empty value; whatever the value holds, the line
/// stays one line of valid JSON.
void append_member(std::string& out, std::string_view name, std::string_view value);

/// Appends ` name=value`, or nothing for an empty value; bytes that could end the line or colour a
/// terminal are written `\x1b`, and so are blanks.
void append_named_word(std::string& out, std::string_view name, std::string_view value);

/// Writes one request as a line of text, with its end. Keeps the room a line takes and the text of
/// the second, so that a warm one allocates nothing. Lines are valid until the next.
class LineFormat {
public:
    /// JSON with the usual fields, of a record that may stand as it is. Empty fields are left out.
    [[nodiscard]] std::string_view json(const AccessRecord& record);
    [[nodiscard]] std::string_view json(const LoggedRequest& request, LogFields fields);
    /// For people: `12:00:00.123 GET /orders 200 1.2ms 532B user=... upstream=...`.
    [[nodiscard]] std::string_view dev(const LoggedRequest& request, LogFields fields);
    /// The combined format of Apache and nginx, and behind it ` name="value"` for each of `more`
    /// that is not in it.
    [[nodiscard]] std::string_view combined(const LoggedRequest& request, LogFields more);

private:
    template <class Request, class Put>
    [[nodiscard]] std::string_view line(const Request& request, Put put);

    std::vector<char> room_;
    SecondText second_;
};

} // namespace gatehouse::gateway
