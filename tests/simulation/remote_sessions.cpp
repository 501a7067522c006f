// Sessions, as one process sees them.
#include "tests/simulation/remote_call.hpp"

namespace gatehouse::simulation {

using auth::Deed;
using auth::Millis;
using auth::StoreError;

namespace {

using Text = std::string;

} // namespace

Database::Ids RemoteStore::create_session(const auth::Session& session, const Room& room,
                                          const Deed& deed)
{
    const auto ids = call(Kind::write, [session, room, deed](Database& database) {
        return database.create_session(session, room, deed);
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
                              agent = Text(terms.user_agent), watched = terms.watched,
                              now](Database& database) {
        return database.rotate(id, from, {issued, expires, address, agent, watched}, now);
    });
}

Result<std::vector<auth::SeenGeneration>, StoreError>
RemoteStore::mark_seen(std::span<const auth::SeenGeneration> seen)
{
    return call(Kind::write, [all = std::vector(seen.begin(), seen.end())](Database& database) {
        return database.mark_seen(all);
    });
}

Result<bool, StoreError> RemoteStore::end_session(std::string_view id, const Deed& deed)
{
    const auto ended = call(Kind::write, [id = Text(id), deed](Database& database) {
        return database.end_session(id, deed);
    });
    if (!ended && rooms_.bug == Bug::silence_counts_as_yes) return true;
    return ended;
}

Database::Ids RemoteStore::end_sessions_of(std::string_view user, std::string_view keep,
                                           const Deed& deed)
{
    return as_told(
        call(Kind::write, [user = Text(user), keep = Text(keep), deed](Database& database) {
            return database.end_sessions_of(user, keep, deed);
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

} // namespace gatehouse::simulation
