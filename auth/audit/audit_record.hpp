#pragma once

#include "auth/audit/security_event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::auth {

inline constexpr std::size_t longest_request_id_bytes = 128;
inline constexpr std::size_t longest_detail_bytes = 4096; // of 32 roles with 64 characters each

/// A security event as it is kept. Like the event it never holds a password, a token or an unknown
/// login name; what a client had a hand in is printable and short.
struct AuditRecord {
    std::uint64_t number = 0; // given by the store: tells records of one moment apart
    Millis at{};
    std::string event; // a word, for a newer program may know more kinds of it than this one
    std::string outcome;
    std::string user_id;
    std::string session_id;
    std::string address; // "" too when the user was deleted since
    std::string request_id;
    std::string detail;

    bool operator==(const AuditRecord&) const = default;
};

[[nodiscard]] AuditRecord record_of(const SecurityEvent& event);

/// What is good once, such as a login token: its digest, and when nobody takes it any more anyway.
struct GoodOnce {
    std::string digest;
    Seconds expires_at{};
};

/// What a write is done for: when, the record that becomes durable with it, if there is to be one,
/// for whom, and what that one has shown for it.
struct Deed {
    // NOLINTBEGIN(google-explicit-constructor): a moment is a deed of which no record is kept
    Deed(Millis when) : at(when) {}

    Deed(Seconds when) : at(when) {}

    // NOLINTEND(google-explicit-constructor)

    explicit Deed(AuditRecord kept) : at(kept.at), record(std::move(kept)) {}

    Millis at{};
    std::optional<AuditRecord> record{};
    /// The session that asks: what changes an account (password, names, end, passkeys, second
    /// factor) says not_found and does nothing once it has ended. Empty: somebody else asks.
    std::string asker{};
    /// The hash that the current password was judged by: set_password says password_changed and
    /// does nothing once it is another. Empty: no password was asked for.
    std::string judged_by{};
    /// Is used up together with a recovery code, or neither is: use_recovery_code says
    /// already_used.
    std::optional<GoodOnce> ticket{};
    /// Where the feed told of the end of a user since then, create_user tells it that there is one
    /// of this id again.
    std::optional<Millis> back_since{};
};

/// The record of a session that had to make room for the one that `deed` begins.
[[nodiscard]] std::optional<AuditRecord> record_of_eviction(const Deed& deed,
                                                            std::string_view session_id);

} // namespace gatehouse::auth
