#pragma once

#include "auth/accounts/user.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/mail/mail.hpp"
#include "auth/sessions/session.hpp"
#include "auth/store/session_home.hpp"
#include "auth/store/sqlite/database.hpp"

#include <span>

namespace gatehouse::auth::sqlite {

// How rows become records, and the writes that users and sessions share. All of it runs inside a
// transaction of the caller.

/// "SELECT (what user_from reads) FROM users " and the rest.
[[nodiscard]] std::string select_users(std::string_view rest);
[[nodiscard]] User user_from(const Rows& row);
[[nodiscard]] std::optional<User> user_with_id(Database& database, std::string_view user_id);

/// "SELECT (what session_from reads) FROM sessions " and the rest.
[[nodiscard]] std::string select_sessions(std::string_view rest);
[[nodiscard]] Session session_from(Database& database, const Rows& row);

void add_changes(Database& database, ChangeKind kind, std::span<const std::string> subjects,
                 Millis now);
void add_change(Database& database, ChangeKind kind, std::string_view subject, Millis now,
                std::span<const std::string> roles = {});

/// Ends this session, which had not ended, and says so in the feed.
void end_one(Database& database, std::string_view session_id, Millis now);
/// Ends every session of the user that has not ended but `keep_session`; returns which.
std::vector<std::string> end_all(Database& database, std::string_view user_id,
                                 std::string_view keep_session, Millis now);

/// The same of a user whose sessions may be elsewhere: there too. The feed is told of them all.
[[nodiscard]] Result<std::vector<std::string>, StoreError>
end_everywhere(Database& database, SessionHome* home, std::string_view user_id,
               std::string_view keep_session, Millis now);

/// A new row, and one for each superseded generation.
void insert_session(Database& database, const Session& session, Millis now);

/// All of the user's links, those of one purpose, and those to an address that is not theirs.
void void_links(Database& database, std::string_view user_id);
void void_links(Database& database, std::string_view user_id, LinkPurpose purpose);
void void_links_elsewhere(Database& database, const User& user);

/// Whether the session that asks for the deed, if one does, still lives.
[[nodiscard]] Result<bool, StoreError> may_ask(Database& database, SessionHome* home,
                                               const Deed& deed);

/// Whether it was good still; it is not from now on.
[[nodiscard]] bool spend_once(Database& database, const GoodOnce& ticket);

/// Appends the record to the audit trail, if there is one; without its address, if its user is
/// gone.
void keep_record(Database& database, const std::optional<AuditRecord>& record);
/// From all records of the user.
void remove_addresses_of(Database& database, std::string_view user_id);

} // namespace gatehouse::auth::sqlite
