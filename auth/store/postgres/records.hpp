#pragma once

#include "auth/accounts/user.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/mail/mail.hpp"
#include "auth/sessions/session.hpp"
#include "auth/store/change.hpp"
#include "auth/store/postgres/connection.hpp"
#include "auth/store/postgres/elsewhere.hpp"

#include <span>

namespace gatehouse::auth::postgres {

// How rows become records, and the writes that users and sessions share. What writes runs inside a
// transaction of the caller. Rows are locked in one order, so that no two calls wait for each
// other: a user, then that user's sessions and audit records, then the feed's counter.

/// "SELECT (what user_from reads) FROM users " and the rest.
[[nodiscard]] std::string select_users(std::string_view rest);
[[nodiscard]] User user_from(const Rows& row);

/// "SELECT (what session_from reads) FROM sessions " and the rest.
[[nodiscard]] std::string select_sessions(std::string_view rest);
[[nodiscard]] Session session_from(Connection& connection, const Rows& row);

/// Locks the user until the transaction ends. Whoever makes, ends or counts all of a user's
/// sessions does this first. Whether the user is blocked; nothing: there is no such user.
[[nodiscard]] std::optional<bool> lock_user(Connection& connection, std::string_view user_id);

/// Locks the user and says whether the session that asks for the deed, if one does, still lives:
/// whoever ends all of a user's sessions waits for that lock. No: also where there is no such user.
[[nodiscard]] Result<bool, StoreError> may_ask(Connection& connection, Elsewhere& elsewhere,
                                               std::string_view user_id, const Deed& deed);

/// Adds a row to the feed for each subject. From here to the end of its transaction others who
/// write to the feed wait: it comes last.
void add_changes(Connection& connection, ChangeKind kind, std::span<const std::string> subjects,
                 Millis now, std::span<const std::string> roles = {});
void add_change(Connection& connection, ChangeKind kind, std::string_view subject, Millis now,
                std::span<const std::string> roles = {});

/// Ends every session of the user that has not ended but `keep_session`; returns which. They are
/// still to be told to the feed.
[[nodiscard]] std::vector<std::string> end_all(Connection& connection, std::string_view user_id,
                                               std::string_view keep_session, Millis now);

/// The same of a user whose sessions may be elsewhere: there too. The feed is told of them all.
[[nodiscard]] Result<std::vector<std::string>, StoreError>
end_everywhere(Connection& connection, Elsewhere& elsewhere, std::string_view user_id,
               std::string_view keep_session, Millis now);

/// A new row, and one for each superseded generation.
void insert_session(Connection& connection, const Session& session, Millis now);

/// All of the user's links, those of one purpose, and those to an address that is not theirs. The
/// user is locked before.
void void_links(Connection& connection, std::string_view user_id);
void void_links(Connection& connection, std::string_view user_id, LinkPurpose purpose);
void void_links_elsewhere(Connection& connection, const User& user);

/// Whether it was good still; it is not from now on. Waits for whoever uses it at this moment.
[[nodiscard]] bool spend_once(Connection& connection, const GoodOnce& ticket);

/// Appends the record to the audit trail, if there is one. Before what is added to the feed.
void keep_record(Connection& connection, const std::optional<AuditRecord>& record);
/// From all records of the user, who is deleted in this transaction.
void remove_addresses_of(Connection& connection, std::string_view user_id);

} // namespace gatehouse::auth::postgres
