#include "tests/auth/sessions/workbench.hpp"

#include "tests/auth/store/contract.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::auth::interleaved {

using contract::must;
using contract::noon;

namespace {

[[nodiscard]] config::Settings settings_with(const config::RefreshSettings& refresh)
{
    auto settings = quick_settings();
    settings.refresh = refresh;
    settings.tokens.algorithm = config::Algorithm::hs256; // quick to sign
    settings.tokens.access_secret = Secret(std::string(32, 'a'));
    settings.tokens.refresh_secret = Secret(std::string(32, 'r'));
    return settings;
}

[[nodiscard]] std::unique_ptr<KeyKeeper> keys_for(const config::Settings& settings,
                                                  const Clock& clock)
{
    auto keys = KeyKeeper::open(settings.tokens, "", clock);
    if (!keys) throw std::runtime_error("no keys");
    return *std::move(keys);
}

void demand(bool kept, const char* promise)
{
    if (!kept) throw Violation(promise);
}

/// What one store call may do, whoever made it.
void judge_call(const Picture& before, const Picture& after, const Answer& answer)
{
    if (answer.to != Answer::To::rotate) {
        demand(after == before, "reading changes nothing");
        return;
    }
    if (!answer.flag) {
        demand(after == before, "a refused rotation changes nothing");
        return;
    }
    demand(answer.generation == before.generation, "one live generation per session");
    demand(!before.ended, "an ended session never lives again");
    demand(!before.blocked, "a blocked user gets no new generation");
    demand(after.generation == before.generation + 1, "a rotation that was acknowledged is there");
}

/// What the store may become, whatever was called.
void judge_change(const Picture& before, const Picture& after)
{
    demand(after.generation >= before.generation, "no generation comes back");
    demand(after.ended >= before.ended && after.other_ended >= before.other_ended,
           "an ended session never lives again");
    demand(after.blocked >= before.blocked, "blocked stays blocked");
    demand(!after.blocked || (after.ended && after.other_ended), "blocking ends every session");
}

/// A refresh that is over: `gained` is the generation its caller holds now, 0 if it was refused.
void judge_refresh(const Picture& before, const Picture& after, const Client& client,
                   const std::vector<Answer>& answers, Generation gained, bool ends_all)
{
    const auto& last = answers.back();
    const bool rotated = last.to == Answer::To::rotate && last.flag;
    if (gained == 0) {
        demand(!rotated, "a rotation is never answered with a refusal");
        demand(after == before || client.token < before.generation,
               "only an old token ends anything");
        demand(after == before || !ends_all || after.other_ended, "a replay ends every session");
        return;
    }
    demand(!client.out_before, "signing out beats every grace");
    if (rotated) {
        demand(last.generation == client.token, "only the presented generation is exchanged");
        demand(gained == after.generation, "the caller gets the generation that lives");
        return;
    }
    demand(after == before, "repeating a pair changes nothing");
    const auto read = std::find_if(answers.rbegin(), answers.rend(), [](const Answer& answer) {
        return answer.to == Answer::To::find_session;
    });
    demand(read != answers.rend() && client.token < read->generation && gained == read->generation,
           "a pair is repeated to an older token only");
}

/// What the caller of a finished operation was promised.
void judge_acknowledged(const Picture& before, const Picture& after, Act act)
{
    demand(after.generation == before.generation, "only a refresh makes generations");
    demand(after.ended, "an ending that was acknowledged is there");
    if (act == Act::logout) {
        demand(after.other_ended == before.other_ended, "a logout touches no other session");
        return;
    }
    demand(after.other_ended, "all sessions means all");
    if (act == Act::block) demand(after.blocked, "a block that was acknowledged is there");
}

} // namespace

Workbench::Workbench(Store& store, const config::RefreshSettings& refresh)
    : store_(store),
      settings_(settings_with(refresh)),
      tape_(store),
      keys_(keys_for(settings_, clock_)),
      hasher_(settings_.passwords),
      throttle_(settings_.throttle, clock_),
      service_({tape_, *keys_, revocations_, hasher_, throttle_, clock_, log_}, settings_),
      admin_({tape_, hasher_, clock_, log_}, settings_)
{
}

Cast Workbench::stage(const Picture& picture)
{
    Cast cast(++casts_);
    must(store_.create_user(contract::user_called(cast.user, cast.user), {}, noon));
    must(store_.create_session(contract::session_of(cast.user, cast.other), {}, noon));
    // With its whole past, as a restored backup has it: quicker than rotating up to it.
    auto shared = contract::session_of(cast.user, cast.shared);
    shared.generation = picture.generation;
    for (Generation old = 1; old < picture.generation; ++old) {
        shared.superseded.push_back({old, noon});
    }
    must(store_.create_session(shared, {}, noon));
    if (picture.blocked) {
        must(store_.block_user(cast.user, noon));
        return cast;
    }
    if (picture.ended) must(store_.end_session(cast.shared, noon));
    if (picture.other_ended) must(store_.end_session(cast.other, noon));
    return cast;
}

Picture Workbench::look(const Cast& cast)
{
    const auto shared = must(store_.find_session(cast.shared));
    const auto other = must(store_.find_session(cast.other));
    const auto user = must(store_.find_user(cast.user));
    demand(shared && other && user, "nothing is forgotten before its time");
    const Picture picture{shared->generation, shared->ended_at.has_value(),
                          other->ended_at.has_value(), user->blocked};

    demand(other->generation == 1, "a refresh touches no other session");
    demand(shared->superseded.size() == picture.generation - 1,
           "every generation that was exchanged is remembered");
    for (Generation old = 1; old < picture.generation; ++old) {
        demand(shared->superseded[old - 1].generation == old,
               "every generation that was exchanged is remembered");
    }
    std::set<std::string> live;
    for (const auto& session : must(store_.list_sessions(cast.user, noon))) {
        live.insert(session.id);
    }
    std::set<std::string> expected;
    if (!picture.ended) expected.insert(cast.shared);
    if (!picture.other_ended) expected.insert(cast.other);
    demand(live == expected, "never two sessions from one, and none besides those that live");
    return picture;
}

void Workbench::require_closed_door(const Cast& cast)
{
    const auto session = contract::session_of(cast.user, "late " + cast.shared);
    const auto created = store_.create_session(session, {}, noon);
    demand(!created && created.error() == StoreError::blocked, "a blocked user gets no session");
}

Generation Workbench::perform(const Cast& cast, const Client& client)
{
    const RefreshClaims token{cast.user, cast.shared, client.token, noon, noon + contract::year};
    const Principal bearer{cast.user, cast.shared, {}, noon + 1h};
    const auto succeeded = [](const auto& result) -> Generation {
        demand(result.has_value(), "whoever ends a session is told that it ended");
        return 0;
    };
    switch (*client.act) {
    case Act::refresh: {
        const auto grant = service_.refresh(token, somebody);
        if (!grant) {
            demand(grant.error().kind != AuthError::Kind::store_unavailable,
                   "a race that was lost ends in a plain answer");
            return 0;
        }
        const auto claims = service_.check_refresh_token(grant->refresh_token.reveal());
        demand(claims && claims->session_id == cast.shared, "the new token is of this session");
        return claims->generation;
    }
    case Act::logout:
        return succeeded(service_.logout(token, somebody));
    case Act::logout_all:
        return succeeded(service_.logout_all(bearer, somebody));
    case Act::block:
        return succeeded(admin_.block(cast.user));
    }
    return 0;
}

Step Workbench::step(const Cast& cast, const Picture& before, const Client& client)
{
    demand(look(cast) == before, "a store is what was made of it");
    tape_.rewind(cast, client.answers);
    Step step{before, client, true};
    Generation gained = 0;
    try {
        gained = perform(cast, client);
    } catch (const Tape::Suspended&) {
        step.finished = false;
    }
    step.after = look(cast);

    const auto& answers = tape_.answers();
    judge_change(before, step.after);
    const bool heard_more = answers.size() > client.answers.size();
    if (heard_more) {
        judge_call(before, step.after, answers.back());
        const auto& read = answers.back();
        demand(read.to != Answer::To::find_session ||
                   (read.generation == before.generation && read.flag == before.ended),
               "a session is read as it is");
        demand(read.to != Answer::To::find_user || read.flag == before.blocked,
               "a user is read as it is");
    }
    const bool ends_all = settings_.refresh.on_reuse == config::OnReuse::end_all;
    if (*client.act == Act::refresh && !ends_all) {
        demand(step.after.other_ended == before.other_ended, "a refresh touches no other session");
    }
    if (step.finished && *client.act == Act::refresh) {
        judge_refresh(before, step.after, client, answers, gained, ends_all);
    } else if (step.finished) {
        judge_acknowledged(before, step.after, *client.act);
    }
    if (step.after.blocked) require_closed_door(cast);
    step.client.answers = answers;
    if (gained > 0) step.client.token = gained;
    return step;
}

} // namespace gatehouse::auth::interleaved
