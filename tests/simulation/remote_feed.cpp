// The feed, and what processes do for one another, as one of them sees it.
#include "tests/simulation/remote_call.hpp"

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using auth::Millis;
using auth::StoreError;

namespace {

using Text = std::string;

} // namespace

// ---- the feed ---------------------------------------------------------------------------------

Result<std::vector<auth::Change>, StoreError> RemoteStore::changes_after(std::uint64_t after,
                                                                         std::size_t limit)
{
    return call(Kind::read, [after, limit](Database& database) {
        return database.changes_after(after, limit);
    });
}

Result<void, StoreError> RemoteStore::announce_keys(Millis now)
{
    return call(Kind::write, [now](Database& database) { return database.announce_keys(now); });
}

Result<bool, StoreError> RemoteStore::wait_for_changes(std::chrono::milliseconds wait)
{
    auto& scheduler = rooms_.scheduler;
    const auto end = scheduler.now() + wait;
    if (rooms_.database.newest() == heard_) {
        const auto waiter = scheduler.begin_wait();
        // One notification in ten never arrives: then the next look finds it.
        if (!rooms_.random.permille(100)) rooms_.database.wake_with_next_commit(waiter);
        scheduler.wait_until(waiter, end);
    }
    const bool more = rooms_.database.newest() != heard_;
    heard_ = rooms_.database.newest();
    if (more) scheduler.sleep(rooms_.random.between(100us, 25ms)); // as a poll or a NOTIFY takes
    return more;
}

Result<void, StoreError> RemoteStore::report(const Entry& entry)
{
    auto told = entry;
    if (rooms_.bug == Bug::reports_too_much) told.applied = rooms_.database.newest();
    return call(Kind::write, [told](Database& database) { return database.report(told); });
}

Result<auth::ReplicaBook::Page, StoreError> RemoteStore::replicas()
{
    return call(Kind::read, [](Database& database) { return database.replicas(); });
}

Result<void, StoreError> RemoteStore::strike_out(std::string_view replica, std::uint64_t beat)
{
    if (rooms_.bug == Bug::nobody_is_struck_out) return {};
    return call(Kind::write, [replica = Text(replica), beat](Database& database) {
        return database.strike_out(replica, beat);
    });
}

Result<auth::ChangeFeed::Standing, StoreError> RemoteStore::standing(Millis ended_after)
{
    auto standing = call(
        Kind::read, [ended_after](Database& database) { return database.standing(ended_after); });
    if (standing && rooms_.bug == Bug::starts_without_standing) {
        return Standing{{}, {}, {}, standing->sequence};
    }
    return standing;
}

// ---- what one process does for all ------------------------------------------------------------

Result<bool, StoreError> RemoteStore::take_lease(std::string_view name, std::string_view holder,
                                                 Millis now, Millis until)
{
    return call(Kind::write,
                [name = Text(name), holder = Text(holder), now, until](Database& database) {
                    return database.take_lease(name, holder, now, until);
                });
}

Result<void, StoreError> RemoteStore::give_up_lease(std::string_view name, std::string_view holder,
                                                    Millis now)
{
    return call(Kind::write, [name = Text(name), holder = Text(holder), now](Database& database) {
        return database.give_up_lease(name, holder, now);
    });
}

Result<std::vector<auth::Leases::Lease>, StoreError> RemoteStore::list_leases()
{
    return call(Kind::read, [](Database& database) { return database.list_leases(); });
}

Result<std::optional<auth::KeptKeys::Kept>, StoreError>
RemoteStore::read_keys(std::string_view name)
{
    return call(Kind::read,
                [name = Text(name)](Database& database) { return database.read_keys(name); });
}

Result<bool, StoreError> RemoteStore::replace_keys(std::string_view name, std::uint64_t expected,
                                                   std::string_view bytes, Millis now)
{
    return call(Kind::write,
                [name = Text(name), expected, bytes = Text(bytes), now](Database& database) {
                    return database.replace_keys(name, expected, bytes, now);
                });
}

// ---- the audit --------------------------------------------------------------------------------

Result<void, StoreError> RemoteStore::append_audit(std::span<const auth::AuditRecord> records)
{
    return call(Kind::write, [owned = std::vector(records.begin(), records.end())](
                                 Database& database) { return database.append_audit(owned); });
}

Result<std::vector<auth::AuditRecord>, StoreError>
RemoteStore::read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit)
{
    return call(Kind::read, [filter, before, limit](Database& database) {
        return database.read_audit(filter, before, limit);
    });
}

Result<bool, StoreError> RemoteStore::forget_audit_before(Millis before, std::size_t at_most)
{
    return call(Kind::read, [before, at_most](Database& database) {
        return database.forget_audit_before(before, at_most);
    });
}

} // namespace gatehouse::simulation
