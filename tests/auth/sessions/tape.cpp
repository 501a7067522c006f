#include "auth/basics/id.hpp"
#include "tests/auth/sessions/workbench.hpp"
#include "tests/auth/store/contract.hpp"

namespace gatehouse::auth::interleaved {

using contract::noon;

namespace {

/// The session a client has read earlier: whoever reads it at that generation reads this.
[[nodiscard]] Session session_at(const Cast& cast, const Answer& answer)
{
    auto session = contract::session_of(cast.user, cast.shared);
    session.generation = answer.generation;
    for (Generation old = 1; old < answer.generation; ++old) {
        session.superseded.push_back({old, noon});
    }
    if (answer.flag) session.ended_at = noon;
    return session;
}

[[nodiscard]] User user_at(const Cast& cast, const Answer& answer)
{
    auto user = contract::user_called(cast.user, cast.user);
    user.blocked = answer.flag;
    return user;
}

} // namespace

Cast::Cast(int number)
    : user("u" + std::to_string(number)),
      shared(Id128::random().to_string()),
      other(Id128::random().to_string())
{
}

void Tape::rewind(const Cast& cast, std::vector<Answer> answers)
{
    cast_ = cast;
    answers_ = std::move(answers);
    played_ = 0;
    called_ = false;
}

std::optional<Answer> Tape::recorded(Answer::To call)
{
    if (called_ || played_ == answers_.size()) return std::nullopt;
    const auto& answer = answers_[played_++];
    if (answer.to != call) throw Violation("an operation took another way with the same answers");
    return answer;
}

void Tape::let_through()
{
    if (called_) throw Suspended{};
    called_ = true;
}

Result<std::optional<Session>, StoreError> Tape::find_session(std::string_view id)
{
    if (const auto heard = recorded(Answer::To::find_session)) {
        return std::optional(session_at(*cast_, *heard));
    }
    let_through();
    auto found = contract::must(store_.find_session(id));
    if (!found) throw Violation("a session that may not be forgotten is not found");
    answers_.push_back({Answer::To::find_session, found->generation, found->ended_at.has_value()});
    return found;
}

Result<std::optional<User>, StoreError>
Tape::user_of(const Result<std::optional<User>, StoreError>& found)
{
    const auto user = contract::must(found);
    if (!user) throw Violation("a user that was not deleted is not found");
    answers_.push_back({Answer::To::find_user, 0, user->blocked});
    return user;
}

Result<std::optional<User>, StoreError> Tape::find_user(std::string_view id)
{
    if (const auto heard = recorded(Answer::To::find_user)) {
        return std::optional(user_at(*cast_, *heard));
    }
    let_through();
    return user_of(store_.find_user(id));
}

Result<std::optional<User>, StoreError> Tape::find_user_by_name(std::string_view name)
{
    if (const auto heard = recorded(Answer::To::find_user)) {
        return std::optional(user_at(*cast_, *heard));
    }
    let_through();
    return user_of(store_.find_user_by_name(name));
}

Result<bool, StoreError> Tape::rotate(std::string_view id, Generation from,
                                      const RotationTerms& terms, Millis now)
{
    if (const auto heard = recorded(Answer::To::rotate)) return heard->flag;
    let_through();
    const bool done = contract::must(store_.rotate(id, from, terms, now));
    answers_.push_back({Answer::To::rotate, from, done});
    return done;
}

Result<bool, StoreError> Tape::end_session(std::string_view id, const Deed& deed)
{
    let_through();
    return store_.end_session(id, deed);
}

Result<std::vector<std::string>, StoreError>
Tape::end_sessions_of(std::string_view user, std::string_view keep, const Deed& deed)
{
    let_through();
    return store_.end_sessions_of(user, keep, deed);
}

Result<std::vector<std::string>, StoreError> Tape::block_user(std::string_view user,
                                                              const Deed& deed)
{
    let_through();
    return store_.block_user(user, deed);
}

} // namespace gatehouse::auth::interleaved
