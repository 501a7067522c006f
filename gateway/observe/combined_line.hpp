#pragma once

#include "gateway/observe/careful_record.hpp"
#include "gateway/observe/line_cursor.hpp"

namespace gatehouse::gateway {

/// A request in the combined format of NCSA, Apache and nginx, without the end of the line:
/// `client - user [21/Nov/2026:12:00:00 +0000] "GET /path?query HTTP/1.1" 200 532 "referer"
/// "agent"`. Behind it ` name="value"` for each of `more` that is not in it. Escaped as Apache
/// does.
void put_combined(LineCursor& line, const LoggedRequest& request, LogFields more);

/// What put_combined() wants to be prepared.
inline constexpr LogFields combined_fields{
    config::LogField::client,  config::LogField::method,   config::LogField::path,
    config::LogField::query,   config::LogField::protocol, config::LogField::status,
    config::LogField::user_id, config::LogField::referer,  config::LogField::user_agent};

} // namespace gatehouse::gateway
