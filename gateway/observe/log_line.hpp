#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/observe/access_record.hpp"
#include "gateway/observe/second_text.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Appends `2026-11-21T12:00:00.123Z`.
void append_time(std::string& out, auth::Millis at);

/// Appends `,"name":"value"`, or nothing for an empty value; whatever the value holds, the line
/// stays one line of valid JSON.
void append_member(std::string& out, std::string_view name, std::string_view value);

/// One request as a line of JSON, with its end. Empty fields are left out. `second` is worth
/// keeping from line to line.
void append_json_line(std::string& out, const AccessRecord& record, SecondText& second);
void append_json_line(std::string& out, const AccessRecord& record);

/// The same for people: `12:00:00.123 GET /orders 200 1.2ms 532B user=... upstream=...`.
void append_dev_line(std::string& out, const AccessRecord& record, SecondText& second);
void append_dev_line(std::string& out, const AccessRecord& record);

} // namespace gatehouse::gateway
