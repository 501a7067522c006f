#include "auth/redis/pool.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

/// The server lives and is no longer whom we want: demoted, or cut off from its primary.
[[nodiscard]] bool has_moved(const Reply& reply)
{
    return reply.is(Reply::Kind::error) && trouble_of(reply.text) == Trouble::read_only;
}

/// The server answers whoever reads.
[[nodiscard]] bool takes_no_writes(Trouble trouble)
{
    return trouble == Trouble::out_of_memory || trouble == Trouble::cannot_persist ||
           trouble == Trouble::too_few_replicas || trouble == Trouble::read_only;
}

} // namespace

Pool::Pool(Place place, PoolLimits limits, Prepare prepare, Say on_failure)
    : place_(std::move(place)),
      limits_(limits),
      prepare_(std::move(prepare)),
      on_failure_(std::move(on_failure)),
      connections_(limits.connections, [this](auto& failure) { return connect(failure); })
{
}

Result<std::vector<Reply>, Failure> Pool::ask(const Commands& commands, Again again)
{
    StoreMeter::Call call(limits_.meter, StoreMeter::Kind::command);
    auto replies = try_to_ask(commands, again);
    if (!replies) call.failed();
    return replies;
}

Pool::Replies Pool::try_to_ask(const Commands& commands, Again again)
{
    const auto deadline = Steady::now() + limits_.patience;
    while (true) {
        auto loan = connections_.take(deadline);
        if (loan.refusal) return *loan.refusal;
        if (!loan.line) return told(Failure(Trouble::unreachable, "no connection is free"));
        const auto asked_at = Steady::now();
        auto replies = loan.line->ask(commands, deadline);
        auto suspicion = suspicion_after(replies, asked_at);
        const auto verdict = suspicion ? Connections::Verdict::down : Connections::Verdict::good;
        connections_.give_back(std::move(loan), verdict, std::move(suspicion));
        if (replies) return replies;
        const bool lost = replies.error().trouble == Trouble::lost;
        if (!lost || again == Again::never) return told(replies.error());
    }
}

Result<Reply, Failure> Pool::ask_one(const Commands& command, Again again)
{
    StoreMeter::Call call(limits_.meter, StoreMeter::Kind::command);
    auto replies = try_to_ask(command, again);
    if (!replies) {
        call.failed();
        return replies.error();
    }
    if (!replies->front().is(Reply::Kind::error)) {
        // What must not be done twice writes. Others may or may not.
        if (again == Again::never) call.wrote(true);
        return std::move(replies->front());
    }
    auto failure = failure_of(replies->front());
    // Its text is sent next, and nobody was hurt.
    if (failure.trouble == Trouble::no_script) return failure;
    call.failed();
    if (takes_no_writes(failure.trouble)) call.wrote(false);
    return told(std::move(failure));
}

std::optional<Failure> Pool::suspicion_after(const Replies& replies,
                                             Steady::time_point asked_at) const
{
    if (replies) {
        if (!std::ranges::any_of(*replies, has_moved)) return std::nullopt;
        return Failure(Trouble::read_only, "the server has become a replica");
    }
    // Redis does one thing at a time: if it let us wait for that long it lets all others wait. A
    // call that had little time left proves nothing.
    const bool silent = replies.error().trouble == Trouble::timed_out &&
                        Steady::now() - asked_at >= limits_.patience / 2;
    if (!silent) return std::nullopt;
    return Failure(Trouble::timed_out, "the server lets everybody wait");
}

std::unique_ptr<Connection> Pool::connect(std::optional<Failure>& failure)
{
    const auto deadline = Steady::now() + limits_.connect;
    auto opened = Connection::open(place_, deadline, limits_.reply);
    if (!opened) {
        failure = told(opened.error());
        return nullptr;
    }
    if (prepare_) {
        if (const auto fit = prepare_(**opened, deadline); !fit) {
            failure = told(fit.error());
            return nullptr;
        }
    }
    return std::move(*opened);
}

Failure Pool::told(Failure failure)
{
    if (on_failure_) on_failure_(failure);
    return failure;
}

} // namespace gatehouse::auth::redis
