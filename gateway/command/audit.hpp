#pragma once

#include "auth/audit/security_event.hpp"
#include "auth/store/audit_trail.hpp"
#include "config/settings/audit.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

/// `audit`: lists what was recorded, the newest last. Returns the exit code.
[[nodiscard]] int run_audit_command(const Arguments& arguments, OperatorRooms& rooms,
                                    Console& console);

/// For what a command did besides the store's own writes. Where the store does not take the record
/// that is said, and what was done stays done.
void keep_record_of(const auth::SecurityEvent& event, auth::AuditTrail& trail,
                    const config::AuditSettings& settings, Console& console);

} // namespace gatehouse::gateway
