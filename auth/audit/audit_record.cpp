#include "auth/audit/audit_record.hpp"

#include "auth/accounts/unicode.hpp"
#include "auth/sessions/session.hpp"

namespace gatehouse::auth {

AuditRecord record_of(const SecurityEvent& event)
{
    AuditRecord record;
    record.at = event.at;
    record.event = to_string(event.kind);
    record.outcome = event.outcome;
    record.user_id = event.user_id;
    record.session_id = event.session_id;
    record.address = printable(event.address, longest_address_bytes);
    record.request_id = printable(event.request_id, longest_request_id_bytes);
    record.detail = printable(event.detail, longest_detail_bytes);
    return record;
}

std::optional<AuditRecord> record_of_eviction(const Deed& deed, std::string_view session_id)
{
    auto record = deed.record;
    if (!record) return record;
    record->event = to_string(SecurityEventKind::session_evict);
    record->session_id = session_id;
    return record;
}

} // namespace gatehouse::auth
