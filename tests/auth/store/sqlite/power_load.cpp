#include "tests/auth/store/sqlite/power_load.hpp"

#include "tests/auth/store/contract.hpp"

namespace gatehouse::auth::contract {

namespace {

// Sessions live for a year: whoever forgets what expired in one client's time leaves the others'.
constexpr auto lifetime = 10 * year;

template <class T>
[[nodiscard]] std::string words(const Result<T, StoreError>& result)
{
    if (!result) return std::string(to_string(result.error()));
    if constexpr (std::is_same_v<T, bool>) return *result ? "true" : "false";
    return "ok";
}

[[nodiscard]] std::string words(const Result<std::vector<std::string>, StoreError>& result)
{
    if (!result) return std::string(to_string(result.error()));
    std::string text = "ended";
    for (const auto& id : std::set(result->begin(), result->end())) text += " " + id;
    return text;
}

[[nodiscard]] std::string digest(const std::vector<std::string>& strings)
{
    std::string all;
    for (const auto& string : strings) all += string + ",";
    return std::to_string(all.size()) + "#" + std::to_string(std::hash<std::string>{}(all));
}

[[nodiscard]] std::string count(auto moment)
{
    return std::to_string(moment.time_since_epoch().count());
}

[[nodiscard]] std::string line_for(const User& user)
{
    return " name " + user.username.value_or("-") + " mail " + user.email.value_or("-") + " hash " +
           user.password_hash + " roles " + digest(user.roles) +
           (user.blocked ? " blocked" : " fine");
}

[[nodiscard]] std::string line_for(const Session& session)
{
    std::string text = " of " + session.user_id + " generation " +
                       std::to_string(session.generation) + " until " + count(session.expires_at) +
                       " at " + session.address;
    text += session.ended_at ? " ended " + count(*session.ended_at) : " live";
    for (const auto& old : session.superseded) {
        text += " " + std::to_string(old.generation) + "@" + count(old.superseded_at);
    }
    return text;
}

} // namespace

std::string Expectation::take(const Call& call)
{
    auto answer = call.make(*store_);
    if (call.makes_invite) open_.insert(*call.makes_invite);
    if (call.spends_invite && answer == "ok") {
        open_.erase(*call.spends_invite);
        spent_.insert(*call.spends_invite);
    }
    return answer;
}

LoadClient::LoadClient(int number, std::mt19937::result_type seed)
    : number_(number),
      random_(seed),
      birth_(noon + number * lifetime),
      now_(birth_)
{
}

std::size_t LoadClient::below(std::size_t limit)
{
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
}

std::string LoadClient::name(const char* kind, std::size_t number) const
{
    return kind + std::to_string(number_) + "-" + std::to_string(number);
}

std::string LoadClient::one_of(const std::vector<std::string>& all)
{
    if (all.empty()) return "nobody";
    const auto newest = std::min<std::size_t>(all.size(), 4);
    return all[all.size() - 1 - below(below(4) == 0 ? all.size() : newest)];
}

bool LoadClient::lived_at(Millis moment) const
{
    return moment >= birth_ && moment < birth_ + lifetime;
}

Call LoadClient::choose()
{
    now_ += 1s;
    const auto dice = below(100);
    if (dice < 14) return register_user();
    if (dice < 28) return create_session();
    if (dice < 54) return rotate();
    if (dice < 69) return end_something();
    if (dice < 77) return change_password();
    if (dice < 82) return change_roles();
    if (dice < 92) return block_or_delete();
    if (dice < 97) return make_invite();
    return announce_or_forget();
}

std::string LoadClient::learn(const Call& call)
{
    return lived_.take(call);
}

Call LoadClient::register_user()
{
    const auto number = users_.size();
    const auto id = name("u", number);
    auto user = user_called(id, id, id + "@example.org");
    // Now and then a name that may be taken.
    users_.push_back(id);
    if (below(6) == 0) user.folded_username = user.username = one_of(users_);
    std::optional<std::string> invite;
    if (below(2) == 0 && invites_ > 0) invite = name("i", below(invites_));

    const auto now = now_;
    if (below(5) == 0) {
        return {"create_user " + id,
                [=](Store& store) { return words(store.create_user(user, invite, now)); },
                {},
                invite};
    }
    auto session = session_of(id, name("s", sessions_.size()));
    session.expires_at = std::chrono::floor<std::chrono::seconds>(now) + year;
    sessions_.push_back(session.id);
    return {"register_user " + id,
            [=](Store& store) { return words(store.register_user(user, invite, session, now)); },
            {},
            invite};
}

Call LoadClient::create_session()
{
    auto session = session_of(one_of(users_), name("s", sessions_.size()));
    session.expires_at = std::chrono::floor<std::chrono::seconds>(now_) + year;
    sessions_.push_back(session.id);
    const SessionStore::Room room{static_cast<std::uint32_t>(below(4)), below(2) == 0};
    return {"create_session " + session.id, [=, now = now_](Store& store) {
                return words(store.create_session(session, room, now));
            }};
}

Call LoadClient::rotate()
{
    const auto id = one_of(sessions_);
    const auto session = must(lived_.store().find_session(id));
    auto from = session ? session->generation : 1;
    if (below(5) == 0) --from; // a spent one
    return {"rotate " + id + " from " + std::to_string(from), [=, now = now_](Store& store) {
                return words(store.rotate(id, from, refreshed(now), now));
            }};
}

Call LoadClient::end_something()
{
    const auto now = now_;
    const auto session = one_of(sessions_);
    if (below(3) > 0) {
        return {"end_session " + session,
                [=](Store& store) { return words(store.end_session(session, now)); }};
    }
    const auto user = one_of(users_);
    return {"end_sessions_of " + user,
            [=](Store& store) { return words(store.end_sessions_of(user, session, now)); }};
}

Call LoadClient::change_password()
{
    const auto user = one_of(users_);
    const auto known = must(lived_.store().find_user(user));
    const auto fresh = "hash of " + count(now_);
    if (below(2) == 0) {
        const auto expected = known ? known->password_hash : std::string("none");
        return {"replace_hash " + user,
                [=](Store& store) { return words(store.replace_hash(user, expected, fresh)); }};
    }
    return {"set_password " + user, [=, keep = one_of(sessions_), now = now_](Store& store) {
                return words(store.set_password(user, fresh, keep, now));
            }};
}

/// Sometimes so many that the log is soon long enough to be copied back.
Call LoadClient::change_roles()
{
    const auto user = one_of(users_);
    std::vector<std::string> roles{"role of " + count(now_)};
    if (below(2) == 0) roles.emplace_back(100'000, 'r');
    return {"set_roles " + user,
            [=, now = now_](Store& store) { return words(store.set_roles(user, roles, now)); }};
}

Call LoadClient::block_or_delete()
{
    const auto now = now_;
    const auto user = one_of(users_);
    switch (below(3)) {
    case 0:
        return {"block_user " + user,
                [=](Store& store) { return words(store.block_user(user, now)); }};
    case 1:
        return {"unblock_user " + user,
                [=](Store& store) { return words(store.unblock_user(user, now)); }};
    default:
        return {"delete_user " + user,
                [=](Store& store) { return words(store.delete_user(user, now)); }};
    }
}

Call LoadClient::make_invite()
{
    const auto invite = name("i", invites_++);
    const auto until = std::chrono::floor<std::chrono::seconds>(birth_) + lifetime;
    const auto now = now_;
    return {"create_invite " + invite,
            [=](Store& store) { return words(store.create_invite(invite, until, now)); }, invite};
}

Call LoadClient::announce_or_forget()
{
    const auto now = now_;
    if (number_ > 0 || below(3) == 0) {
        return {"announce_keys", [=](Store& store) { return words(store.announce_keys(now)); }};
    }
    // Only the first client: what lies before its time is nobody's.
    // Which of too many go first is each store's own choice, and two stores are compared here.
    constexpr std::size_t all_of_them = 100'000;
    return {"forget_before " + count(now - 60s), [=](Store& store) {
                const auto done = store.forget_before(now - 60s, all_of_them);
                return done ? std::string("ok") : words(done);
            }};
}

std::string LoadClient::view_of(Store& store, const std::vector<Change>& changes) const
{
    std::string view;
    for (const auto& id : users_) {
        const auto user = must(store.find_user(id));
        view += "user " + id + (user ? line_for(*user) : " none") + "\n";
        const auto named = must(store.find_user_by_name(id));
        view += "name " + id + " is " + (named ? named->id : "nobody") + "'s\n";
    }
    for (const auto& id : sessions_) {
        const auto session = must(store.find_session(id));
        view += "session " + id + (session ? line_for(*session) : " none") + "\n";
    }
    for (const auto& change : changes) {
        if (!lived_at(change.at)) continue;
        view += "change " + std::to_string(static_cast<int>(change.kind)) + " " + change.subject +
                " " + digest(change.roles) + "\n";
    }
    return view;
}

} // namespace gatehouse::auth::contract
