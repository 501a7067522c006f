#pragma once

#include "auth/audit/audit_record.hpp"
#include "auth/basics/clock.hpp"
#include "auth/mail/mail.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Mails that wait, and the links that were mailed. The same promises as UserStore. A deleted user
/// takes both along.
class MailStore {
public:
    virtual ~MailStore() = default;

    /// false: one of this kind waits for this user and address already, or `most` wait in all.
    /// Errors: not_found (the user).
    [[nodiscard]] virtual Result<bool, StoreError> queue_mail(const QueuedMail& mail,
                                                              std::size_t most) = 0;

    /// The one that has waited longest of those whose time has come: one conditional write moves
    /// its next try to `until` and counts the attempt, so that of many who ask one has it until
    /// then. Who dies with it leaves it to the next.
    [[nodiscard]] virtual Result<std::optional<QueuedMail>, StoreError> take_mail(Millis now,
                                                                                  Millis until) = 0;

    // For whoever took it: `attempts` says which time that was. false: somebody else has it by now,
    // or it is gone.

    [[nodiscard]] virtual Result<bool, StoreError>
    put_off_mail(std::string_view id, std::uint32_t attempts, Millis next_try) = 0;
    /// Sent, or given up: nothing of it is left.
    [[nodiscard]] virtual Result<bool, StoreError> remove_mail(std::string_view id,
                                                               std::uint32_t attempts) = 0;

    struct Waiting {
        std::uint64_t mails = 0;
        Seconds oldest{}; // when that one came to wait, if there is one
    };

    [[nodiscard]] virtual Result<Waiting, StoreError> mails_waiting() = 0;

    /// From now on this is the user's link for its purpose, and the one before is void.
    /// Errors: not_found (the user), blocked.
    [[nodiscard]] virtual Result<void, StoreError> keep_link(const MailedLink& link) = 0;
    /// Also one whose time is over. It uses nothing.
    [[nodiscard]] virtual Result<std::optional<MailedLink>, StoreError>
    find_link(std::string_view digest) = 0;

    // One conditional write uses a link: of many who bring the same at once one succeeds. It has to
    // be for this purpose, alive at the deed, its user not blocked, and the address still theirs.
    // Otherwise not_found, and nothing has happened.

    /// Sets the password, ends every session of the user, voids their links, and takes the address
    /// as verified. Passkeys and a second factor that were set up while it was not go: whoever
    /// registered with a stranger's address is not let in beside its owner. Returns the sessions
    /// that ended.
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    reset_password(std::string_view digest, std::string_view hash, const Deed& deed) = 0;
    [[nodiscard]] virtual Result<void, StoreError> verify_email(std::string_view digest,
                                                                const Deed& deed) = 0;
};

} // namespace gatehouse::auth
