#include "tests/auth/sessions/interleaved_client.hpp"

namespace gatehouse::auth::interleaved {

namespace {

[[nodiscard]] std::string word_for(Act act)
{
    switch (act) {
    case Act::refresh:
        return "refresh";
    case Act::logout:
        return "logout";
    case Act::logout_all:
        return "logout-all";
    case Act::block:
        return "block";
    }
    return "?";
}

[[nodiscard]] std::string describe(const Answer& answer)
{
    switch (answer.to) {
    case Answer::To::find_session:
        return "[session " + std::to_string(answer.generation) +
               (answer.flag ? " ended]" : " live]");
    case Answer::To::find_user:
        return answer.flag ? "[user blocked]" : "[user fine]";
    case Answer::To::rotate:
        return answer.flag ? "[rotated]" : "[not rotated]";
    }
    return "[?]";
}

} // namespace

void Client::finish()
{
    ++done;
    act.reset();
    answers.clear();
    out_before = false;
}

std::string describe(const Client& client)
{
    if (!client.act) return "an idle client";
    auto text = word_for(*client.act) + " with generation " + std::to_string(client.token);
    if (!client.answers.empty()) text += ", which heard ";
    for (const auto& answer : client.answers) text += describe(answer);
    return text;
}

std::string describe(const Picture& picture)
{
    return "generation " + std::to_string(picture.generation) +
           (picture.ended ? ", ended" : ", live") + (picture.other_ended ? ", other ended" : "") +
           (picture.blocked ? ", user blocked" : "");
}

} // namespace gatehouse::auth::interleaved
