#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/apikeys/api_key_table.hpp"
#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/auth_error.hpp"
#include "auth/service/import_record.hpp"
#include "auth/service/new_api_key.hpp"
#include "auth/service/requests.hpp"
#include "auth/store/store.hpp"
#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::auth {

/// A one-time code and until when it opens the door. Shown once: the store keeps its hash only.
struct Invite {
    Secret code;
    Seconds expires_at{};
};

/// Who operates, and by which way, for records; a command has nothing to say.
struct Operator {
    std::string way; // "admin API"
    std::string address;
    std::string request_id;
};

/// What an operator does with accounts and sessions. Works on the store: running gateways hear of
/// it through the change feed, and the one that does it knows before the call returns. `who` is an
/// id, a username or an email. Errors of every call: not_found (who), store_unavailable.
class AdminService {
public:
    /// All of them outlive the service.
    struct Rooms {
        Store& store;
        PasswordHasher& hasher;
        const Clock& clock;
        SecurityLog& log;
        /// Where this process serves too: what it has to refuse from now on. Both or none.
        RevocationTable* revocations = nullptr;
        ApiKeyTable* api_keys = nullptr;
    };

    AdminService(Rooms rooms, const config::Settings& settings, Operator by = {})
        : rooms_(rooms),
          settings_(settings),
          by_(std::move(by))
    {
    }

    /// Errors: invalid_fields, name_taken, overloaded.
    [[nodiscard]] Result<User, AuthError> add_user(const Credentials& credentials,
                                                   std::vector<std::string> roles);
    /// What becomes of an account that another system had.
    enum class Import : std::uint8_t {
        is_new,
        is_there,  // imported before: the id is known, or without one all its names are
        name_taken // somebody else has one of its names
    };
    /// What import_user() would answer now; changes nothing.
    [[nodiscard]] Result<Import, AuthError> look_up(const ImportedAccount& account);
    /// Keeps its id and its password hash, which is not judged. Safe from several threads.
    [[nodiscard]] Result<Import, AuthError> import_user(const ImportedAccount& account);
    [[nodiscard]] Result<User, AuthError> find_user(std::string_view who);
    /// The id by which the audit knows `who`, who may have been deleted.
    [[nodiscard]] Result<std::string, AuthError> audited_id(std::string_view who);
    /// In order of creation; `after` is the last id of the previous page or "".
    [[nodiscard]] Result<std::vector<User>, AuthError> list_users(std::string_view after,
                                                                  std::size_t limit);

    /// Ends all sessions; unblocking revives none.
    [[nodiscard]] Result<User, AuthError> block(std::string_view who);
    [[nodiscard]] Result<User, AuthError> unblock(std::string_view who);
    /// Ends all sessions. Errors: invalid_fields, overloaded.
    [[nodiscard]] Result<User, AuthError> set_password(std::string_view who,
                                                       const Secret& password);
    /// Takes the authenticator app and the recovery codes away, for somebody who lost them; without
    /// any, nothing happens.
    [[nodiscard]] Result<User, AuthError> remove_second_factor(std::string_view who);
    /// Replaces the roles. Errors: invalid_fields (a role is `[A-Za-z0-9._:-]{1,64}`, at most 32).
    [[nodiscard]] Result<User, AuthError> set_roles(std::string_view who,
                                                    std::vector<std::string> roles);
    [[nodiscard]] Result<User, AuthError> delete_user(std::string_view who);

    [[nodiscard]] Result<Invite, AuthError> invite(std::chrono::seconds life);

    /// Live ones, newest login first.
    [[nodiscard]] Result<std::vector<Session>, AuthError> list_sessions(std::string_view who);
    /// Errors: not_found (no such session, or it had ended).
    [[nodiscard]] Result<void, AuthError> revoke_session(std::string_view session_id);
    /// How many were ended.
    [[nodiscard]] Result<std::size_t, AuthError> revoke_sessions_of(std::string_view who);

    /// Errors: invalid_fields, account_blocked.
    [[nodiscard]] Result<IssuedApiKey, AuthError> create_api_key(std::string_view who,
                                                                 const ApiKeyWish& wish);
    /// Oldest first; revoked and expired ones too, for about a day.
    [[nodiscard]] Result<std::vector<ApiKey>, AuthError> api_keys_of(std::string_view who);
    /// In the order of their ids; `after` is the last id of the previous page or "".
    [[nodiscard]] Result<std::vector<ApiKey>, AuthError> list_api_keys(std::string_view after,
                                                                       std::size_t limit);
    /// `which` is an id, or the key itself. Errors: not_found (no such key, or it was revoked).
    [[nodiscard]] Result<void, AuthError> revoke_api_key(std::string_view which);

private:
    [[nodiscard]] SecurityEvent event(SecurityEventKind kind, std::string_view user_id,
                                      std::string_view session_id, std::string_view detail) const;
    /// The detail, and by which way it was done.
    [[nodiscard]] std::string told(std::string_view detail) const;
    /// What is done now, with the record that becomes durable together with it.
    [[nodiscard]] Deed deed(SecurityEventKind kind, std::string_view user_id,
                            std::string_view session_id = {}, std::string_view detail = {}) const;
    /// Tells of what was done, with a deed of the same kind.
    void note(SecurityEventKind kind, std::string_view user_id, std::string_view session_id = {},
              std::string_view detail = {});

    /// What the feed will tell the others, for the process that serves here.
    void refuse_from_now_on(std::span<const std::string> session_ids);
    void apply_here(ChangeKind kind, std::string_view subject, std::vector<std::string> roles = {});

    Rooms rooms_;
    const config::Settings& settings_;
    const Operator by_;
};

} // namespace gatehouse::auth
