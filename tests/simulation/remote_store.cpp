#include "tests/simulation/remote_call.hpp"

namespace gatehouse::simulation {

using auth::Deed;
using auth::Millis;
using auth::StoreError;

namespace {

using Text = std::string;

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

Result<void, StoreError> RemoteStore::create_user(const auth::User& user,
                                                  std::optional<std::string_view> invite,
                                                  const Deed& deed)
{
    return call(Kind::write, [user, invite = owned(invite), deed](Database& database) {
        return database.create_user(user, view(invite), deed);
    });
}

Result<void, StoreError> RemoteStore::register_user(const auth::User& user,
                                                    std::optional<std::string_view> invite,
                                                    const auth::Session& session, const Deed& deed)
{
    return call(Kind::write, [user, invite = owned(invite), session, deed](Database& database) {
        return database.register_user(user, view(invite), session, deed);
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
                                        std::string_view keep, const Deed& deed)
{
    return as_told(call(Kind::write, [id = Text(id), hash = Text(hash), keep = Text(keep),
                                      deed](Database& database) {
        return database.set_password(id, hash, keep, deed);
    }));
}

Result<void, StoreError>
RemoteStore::set_roles(std::string_view id, std::span<const std::string> roles, const Deed& deed)
{
    return call(Kind::write,
                [id = Text(id), roles = std::vector<Text>(roles.begin(), roles.end()),
                 deed](Database& database) { return database.set_roles(id, roles, deed); });
}

Result<auth::User, StoreError>
RemoteStore::rename_user(std::string_view id, const auth::NameChange& change, const Deed& deed)
{
    return call(Kind::write, [id = Text(id), change, deed](Database& database) {
        return database.rename_user(id, change, deed);
    });
}

Database::Ids RemoteStore::block_user(std::string_view id, const Deed& deed)
{
    return as_told(call(Kind::write, [id = Text(id), deed](Database& database) {
        return database.block_user(id, deed);
    }));
}

Result<void, StoreError> RemoteStore::unblock_user(std::string_view id, const Deed& deed)
{
    return call(Kind::write, [id = Text(id), deed](Database& database) {
        return database.unblock_user(id, deed);
    });
}

Database::Ids RemoteStore::delete_user(std::string_view id, const Deed& deed)
{
    return as_told(call(Kind::write, [id = Text(id), deed](Database& database) {
        return database.delete_user(id, deed);
    }));
}

Result<void, StoreError> RemoteStore::create_invite(std::string_view hash, auth::Seconds expires_at,
                                                    const Deed& deed)
{
    return call(Kind::write, [hash = Text(hash), expires_at, deed](Database& database) {
        return database.create_invite(hash, expires_at, deed);
    });
}

} // namespace gatehouse::simulation
