#include "tests/simulation/remote_store.hpp"

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using auth::Millis;
using auth::StoreError;

namespace {

using Text = std::string;

/// One call on its way.
template <class Answer>
struct Flight {
    Scheduler::Wait waiter;
    std::optional<Answer> answer;
    std::vector<Text> ended; // by this call
};

} // namespace

template <class Work>
std::invoke_result_t<Work&, Database&> RemoteStore::call(Kind kind, Work work)
{
    using Answer = std::invoke_result_t<Work&, Database&>;
    auto& scheduler = rooms_.scheduler;
    auto& database = rooms_.database;
    auto& link = rooms_.link;
    const auto fate = rooms_.network.fate_on(link);
    auto flight = std::make_shared<Flight<Answer>>();
    flight->waiter = scheduler.begin_wait();

    const auto arrive = [flight, fate, work, &scheduler, &database, &link]() mutable {
        if (link.cut) return;
        auto answer = work(database);
        flight->ended = database.note_commits();
        if (fate.answer_lost) return;
        scheduler.after(fate.back, [flight, answer = std::move(answer), &scheduler, &link] {
            if (link.cut || flight->answer) return;
            flight->answer = answer;
            scheduler.wake(flight->waiter);
        });
    };
    if (!fate.question_lost) scheduler.after(fate.there, arrive);
    if (rooms_.bug == Bug::writes_come_twice && kind == Kind::write &&
        rooms_.random.permille(300)) {
        // Later than anything that was merely slow could come.
        scheduler.after(Network::longest_flight + rooms_.random.between(100ms, 2s), arrive);
    }
    scheduler.wait_until(flight->waiter, scheduler.now() + patience);
    if (flight->answer) {
        ended_.insert(ended_.end(), flight->ended.begin(), flight->ended.end());
        return *std::move(flight->answer);
    }
    return StoreError::unavailable;
}

Database::Ids RemoteStore::as_told(Database::Ids ids) const
{
    if (rooms_.bug == Bug::answers_before_applying && ids) return std::vector<Text>{};
    if (rooms_.bug == Bug::silence_counts_as_yes && !ids &&
        ids.error() == StoreError::unavailable) {
        return std::vector<Text>{};
    }
    return ids;
}

// ---- accounts ---------------------------------------------------------------------------------

namespace {

std::optional<Text> owned(std::optional<std::string_view> text)
{
    if (!text) return std::nullopt;
    return Text(*text);
}

std::optional<std::string_view> view(const std::optional<Text>& text)
{
    if (!text) return std::nullopt;
    return std::string_view(*text);
}

} // namespace

Result<void, StoreError>
RemoteStore::create_user(const auth::User& user, std::optional<std::string_view> invite, Millis now)
{
    return call(Kind::write, [user, invite = owned(invite), now](Database& database) {
        return database.create_user(user, view(invite), now);
    });
}

Result<void, StoreError> RemoteStore::register_user(const auth::User& user,
                                                    std::optional<std::string_view> invite,
                                                    const auth::Session& session, Millis now)
{
    return call(Kind::write, [user, invite = owned(invite), session, now](Database& database) {
        return database.register_user(user, view(invite), session, now);
    });
}

Result<std::optional<auth::User>, StoreError> RemoteStore::find_user_by_name(std::string_view name)
{
    return call(Kind::read, [name = Text(name)](Database& database) {
        return database.find_user_by_name(name);
    });
}

Result<std::optional<auth::User>, StoreError> RemoteStore::find_user(std::string_view id)
{
    return call(Kind::read, [id = Text(id)](Database& database) { return database.find_user(id); });
}

Result<std::vector<auth::User>, StoreError> RemoteStore::list_users(std::string_view after,
                                                                    std::size_t limit)
{
    return call(Kind::read, [after = Text(after), limit](Database& database) {
        return database.list_users(after, limit);
    });
}

Result<bool, StoreError> RemoteStore::replace_hash(std::string_view id, std::string_view expected,
                                                   std::string_view hash)
{
    return call(Kind::write,
                [id = Text(id), expected = Text(expected), hash = Text(hash)](Database& database) {
                    return database.replace_hash(id, expected, hash);
                });
}

Database::Ids RemoteStore::set_password(std::string_view id, std::string_view hash,
                                        std::string_view keep, Millis now)
{
    return as_told(call(Kind::write, [id = Text(id), hash = Text(hash), keep = Text(keep),
                                      now](Database& database) {
        return database.set_password(id, hash, keep, now);
    }));
}

Result<void, StoreError> RemoteStore::set_roles(std::string_view id,
                                                std::span<const std::string> roles, Millis now)
{
    return call(Kind::write,
                [id = Text(id), roles = std::vector<Text>(roles.begin(), roles.end()),
                 now](Database& database) { return database.set_roles(id, roles, now); });
}

Database::Ids RemoteStore::block_user(std::string_view id, Millis now)
{
    return as_told(call(Kind::write, [id = Text(id), now](Database& database) {
        return database.block_user(id, now);
    }));
}

Result<void, StoreError> RemoteStore::unblock_user(std::string_view id, Millis now)
{
    return call(Kind::write, [id = Text(id), now](Database& database) {
        return database.unblock_user(id, now);
    });
}

Database::Ids RemoteStore::delete_user(std::string_view id, Millis now)
{
    return as_told(call(Kind::write, [id = Text(id), now](Database& database) {
        return database.delete_user(id, now);
    }));
}

Result<void, StoreError> RemoteStore::create_invite(std::string_view hash, auth::Seconds expires_at)
{
    return call(Kind::write, [hash = Text(hash), expires_at](Database& database) {
        return database.create_invite(hash, expires_at);
    });
}

// ---- sessions ---------------------------------------------------------------------------------

Database::Ids RemoteStore::create_session(const auth::Session& session, const Room& room,
                                          Millis now)
{
    const auto ids = call(Kind::write, [session, room, now](Database& database) {
        return database.create_session(session, room, now);
    });
    return ids ? as_told(ids) : ids;
}

Result<std::optional<auth::Session>, StoreError> RemoteStore::find_session(std::string_view id)
{
    return call(Kind::read,
                [id = Text(id)](Database& database) { return database.find_session(id); });
}

Result<std::vector<auth::Session>, StoreError> RemoteStore::list_sessions(std::string_view user,
                                                                          auth::Seconds now)
{
    return call(Kind::read, [user = Text(user), now](Database& database) {
        return database.list_sessions(user, now);
    });
}

Result<bool, StoreError> RemoteStore::rotate(std::string_view id, auth::Generation from,
                                             const auth::RotationTerms& terms, Millis now)
{
    return call(Kind::write, [id = Text(id), from, issued = terms.issued_at,
                              expires = terms.expires_at, address = Text(terms.address),
                              agent = Text(terms.user_agent), now](Database& database) {
        return database.rotate(id, from, {issued, expires, address, agent}, now);
    });
}

Result<bool, StoreError> RemoteStore::end_session(std::string_view id, Millis now)
{
    const auto ended = call(Kind::write, [id = Text(id), now](Database& database) {
        return database.end_session(id, now);
    });
    if (!ended && rooms_.bug == Bug::silence_counts_as_yes) return true;
    return ended;
}

Database::Ids RemoteStore::end_sessions_of(std::string_view user, std::string_view keep, Millis now)
{
    return as_told(
        call(Kind::write, [user = Text(user), keep = Text(keep), now](Database& database) {
            return database.end_sessions_of(user, keep, now);
        }));
}

Result<std::uint64_t, StoreError> RemoteStore::end_every_session(Millis now)
{
    return call(Kind::write, [now](Database& database) { return database.end_every_session(now); });
}

Result<bool, StoreError> RemoteStore::forget_before(Millis before, std::size_t at_most)
{
    return call(Kind::read, [before, at_most](Database& database) {
        return database.forget_before(before, at_most);
    });
}

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
    return call(Kind::write, [entry](Database& database) { return database.report(entry); });
}

Result<auth::ReplicaBook::Page, StoreError> RemoteStore::replicas()
{
    return call(Kind::read, [](Database& database) { return database.replicas(); });
}

Result<void, StoreError> RemoteStore::strike_out(std::string_view replica, std::uint64_t beat)
{
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

} // namespace gatehouse::simulation
