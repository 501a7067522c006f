// Calls about accounts, their sessions and API keys. All of them do what the commands of the same
// names do, and this process knows before the answer.
#include "auth/basics/id.hpp"
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Where the page behind this one begins, if it was a full one.
template <class Things>
std::string next_of(const Things& things, std::size_t limit)
{
    return things.size() < limit ? std::string() : things.back().id;
}

LocalResponse count_answer(std::size_t count)
{
    std::string body;
    auth::json::Writer json(body);
    json.begin_object();
    json.member("ended", static_cast<std::int64_t>(count));
    json.end_object();
    return json_answer(200, std::move(body));
}

} // namespace

Task<LocalResponse> AdminApi::list_users(const Asked& asked)
{
    const auto limit = page_size(asked.query);
    if (!limit) co_return bad_limit();
    auto service = service_for(asked.request);
    const auto after = parameter(asked.query, "after");
    auto job = [&] { return service.list_users(after, *limit); };
    auto pending = on_store(job);
    const auto users = co_await std::move(pending);
    if (!users) co_return refused(users.error());
    co_return users_answer(*users, next_of(*users, *limit));
}

Task<LocalResponse> AdminApi::find_user(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.find_user(asked.id); };
    auto pending = on_store(job);
    const auto user = co_await std::move(pending);
    co_return user ? user_answer(*user) : refused(user.error());
}

Task<LocalResponse> AdminApi::block_user(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.block(asked.id); };
    auto pending = on_store(job);
    const auto user = co_await std::move(pending);
    auto known = confirmed(user.has_value());
    co_await std::move(known);
    co_return user ? user_answer(*user) : refused(user.error());
}

Task<LocalResponse> AdminApi::unblock_user(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.unblock(asked.id); };
    auto pending = on_store(job);
    const auto user = co_await std::move(pending);
    co_return user ? user_answer(*user) : refused(user.error());
}

Task<LocalResponse> AdminApi::remove_second_factor(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.remove_second_factor(asked.id); };
    auto pending = on_store(job);
    const auto user = co_await std::move(pending);
    co_return user ? user_answer(*user) : refused(user.error());
}

Task<LocalResponse> AdminApi::list_sessions(const Asked& asked)
{
    const auto limit = page_size(asked.query);
    if (!limit) co_return bad_limit();
    auto service = service_for(asked.request);
    auto job = [&] { return service.list_sessions(asked.id); };
    auto pending = on_store(job);
    const auto sessions = co_await std::move(pending);
    if (!sessions) co_return refused(sessions.error());
    const auto shown = std::min(sessions->size(), *limit);
    co_return admin_sessions_answer({sessions->data(), shown}, shown == sessions->size());
}

Task<LocalResponse> AdminApi::revoke_sessions(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.revoke_sessions_of(asked.id); };
    auto pending = on_store(job);
    const auto ended = co_await std::move(pending);
    auto known = confirmed(ended.has_value());
    co_await std::move(known);
    co_return ended ? count_answer(*ended) : refused(ended.error());
}

Task<LocalResponse> AdminApi::revoke_session(const Asked& asked)
{
    auto service = service_for(asked.request);
    auto job = [&] { return service.revoke_session(asked.id); };
    auto pending = on_store(job);
    const auto ended = co_await std::move(pending);
    auto known = confirmed(ended.has_value());
    co_await std::move(known);
    co_return ended ? done() : refused(ended.error());
}

Task<LocalResponse> AdminApi::list_api_keys(const Asked& asked)
{
    const auto limit = page_size(asked.query);
    if (!limit) co_return bad_limit();
    auto service = service_for(asked.request);
    const auto after = parameter(asked.query, "after");
    auto job = [&] { return service.list_api_keys(after, *limit); };
    auto pending = on_store(job);
    const auto keys = co_await std::move(pending);
    if (!keys) co_return refused(keys.error());
    co_return admin_api_keys_answer(*keys, next_of(*keys, *limit));
}

Task<LocalResponse> AdminApi::list_api_keys_of(const Asked& asked)
{
    const auto limit = page_size(asked.query);
    if (!limit) co_return bad_limit();
    auto service = service_for(asked.request);
    auto job = [&] { return service.api_keys_of(asked.id); };
    auto pending = on_store(job);
    auto keys = co_await std::move(pending);
    if (!keys) co_return refused(keys.error());
    auto page = std::span<const auth::ApiKey>(*keys);
    if (const auto after = parameter(asked.query, "after"); !after.empty()) {
        const auto last = std::ranges::find(page, after, &auth::ApiKey::id);
        if (last == page.end()) co_return refused(Refusal(RefusalCode::not_found));
        page = page.subspan(static_cast<std::size_t>(last - page.begin()) + 1);
    }
    page = page.first(std::min(page.size(), *limit));
    co_return admin_api_keys_answer(page, next_of(page, *limit));
}

Task<LocalResponse> AdminApi::revoke_api_key(const Asked& asked)
{
    // The key itself is for no path: paths are logged.
    if (!auth::Id128::parse(asked.id)) co_return refused(Refusal(RefusalCode::not_found));
    auto service = service_for(asked.request);
    auto job = [&] { return service.revoke_api_key(asked.id); };
    auto pending = on_store(job);
    const auto revoked = co_await std::move(pending);
    auto known = confirmed(revoked.has_value());
    co_await std::move(known);
    co_return revoked ? done() : refused(revoked.error());
}

} // namespace gatehouse::gateway
