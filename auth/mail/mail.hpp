#pragma once

#include "auth/accounts/user.hpp"
#include "auth/basics/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::auth {

/// What a mail is about. Stores keep the numbers: none is ever given to another kind.
enum class MailKind : std::uint8_t {
    reset_password = 1, // brings a link
    verify_email = 2,   // brings a link
    password_changed = 3,
    address_changed = 4 // goes to the address that was given up
};

/// A mail that waits to be sent. Its text is made when it is sent, and so is the token of its link:
/// whoever reads the store, or a copy of it, finds none that opens anything.
struct QueuedMail {
    std::string id; // random
    MailKind kind{};
    std::string user_id;
    std::string address; // where it goes
    Seconds created{};
    Seconds expires_at{};       // when nobody wants it any more
    std::uint32_t attempts = 0; // how often somebody took it to send it
    Millis next_try{};          // and until then it is theirs

    bool operator==(const QueuedMail&) const = default;
};

/// What a link in a mail is for; a number in stores, as above.
enum class LinkPurpose : std::uint8_t { reset_password = 1, verify_email = 2 };

/// A link that was mailed: one per purpose and user lives, and it is good for once.
struct MailedLink {
    std::string digest; // of its token
    LinkPurpose purpose{};
    std::string user_id;
    std::string address; // folded: it proves control of this one and no other
    Seconds expires_at{};

    bool operator==(const MailedLink&) const = default;
};

/// The purpose of the link that such a mail brings.
[[nodiscard]] constexpr std::optional<LinkPurpose> link_in(MailKind kind) noexcept
{
    switch (kind) {
    case MailKind::reset_password:
        return LinkPurpose::reset_password;
    case MailKind::verify_email:
        return LinkPurpose::verify_email;
    case MailKind::password_changed:
    case MailKind::address_changed:
        break;
    }
    return std::nullopt;
}

/// Whether the link, which has not been used, opens anything for that: it is for this purpose, its
/// time is not over, and it went to the address that its user, who is not blocked, has now.
[[nodiscard]] bool opens(const MailedLink& link, LinkPurpose purpose, const User& user, Millis now);

} // namespace gatehouse::auth
