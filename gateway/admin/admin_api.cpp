#include "gateway/admin/admin_api.hpp"

#include "config/basics/enforced.hpp"
#include "config/routes/pattern.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view prefix = "/admin/v1";
/// The short name, for the last line of a Job's script.
constexpr std::string_view quit_path = "/quit";

LocalResponse bad_request(std::string message)
{
    return refused(told(RefusalCode::bad_request, std::move(message)));
}

/// What stands for the `{name}` of `pattern`, decoded; "" when it has none. Nothing: another path.
std::optional<std::string> fit(std::string_view pattern, std::string_view path)
{
    const auto wanted = config::decoded_segments(pattern);
    auto there = config::decoded_segments(path);
    if (wanted.size() != there.size()) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i].starts_with('{')) {
            if (wanted[i] != there[i]) return std::nullopt;
            continue;
        }
        if (there[i].empty()) return std::nullopt;
        id = std::move(there[i]);
    }
    return id;
}

bool is_asked_by(std::string_view method, std::string_view call) noexcept
{
    return method == call || (method == "HEAD" && call == "GET");
}

bool is_listed(std::string_view names, std::string_view name) noexcept
{
    while (!names.empty()) {
        const auto end = std::min(names.find(' '), names.size());
        if (names.substr(0, end) == name) return true;
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return false;
}

} // namespace

/// A line of the contract.
struct AdminApi::Call {
    std::string_view method; // GET is HEAD, too
    std::string_view path;   // below the prefix; one segment may be a {name}
    Task<LocalResponse> (AdminApi::*answer)(const Asked&);
    std::string_view query{}; // parameters it knows, with blanks between
    bool has_body = false;    // else a body is not looked at
};

const AdminApi::Call AdminApi::calls[] = {
    {"GET", "/status", &AdminApi::status},
    {"GET", "/routes", &AdminApi::routes},
    {"GET", "/upstreams", &AdminApi::upstreams},
    {"GET", "/config", &AdminApi::config},
    {"POST", "/explain", &AdminApi::explain, {}, true},
    {"GET", "/reload", &AdminApi::last_reload},
    {"POST", "/reload", &AdminApi::reload},
    {"GET", "/log-level", &AdminApi::log_level},
    {"PUT", "/log-level", &AdminApi::set_log_level, {}, true},
    {"POST", "/cache/purge", &AdminApi::purge_cache, {}, true},
    {"POST", "/hand-over", &AdminApi::hand_over},
    {"POST", "/quit", &AdminApi::quit},
    {"GET", "/users", &AdminApi::list_users, "after limit"},
    {"GET", "/users/{user}", &AdminApi::find_user},
    {"POST", "/users/{user}/block", &AdminApi::block_user},
    {"POST", "/users/{user}/unblock", &AdminApi::unblock_user},
    {"DELETE", "/users/{user}/second-factor", &AdminApi::remove_second_factor},
    {"GET", "/users/{user}/sessions", &AdminApi::list_sessions, "limit"},
    {"DELETE", "/users/{user}/sessions", &AdminApi::revoke_sessions},
    {"GET", "/users/{user}/api-keys", &AdminApi::list_api_keys_of, "after limit"},
    {"DELETE", "/sessions/{session}", &AdminApi::revoke_session},
    {"GET", "/api-keys", &AdminApi::list_api_keys, "after limit"},
    {"DELETE", "/api-keys/{key}", &AdminApi::revoke_api_key},
    {"GET", "/keys", &AdminApi::list_keys},
    {"POST", "/keys/rotate", &AdminApi::rotate_keys},
    {"GET", "/audit", &AdminApi::audit, "user event since until before limit"},
    {"GET", "/openapi.json", &AdminApi::document},
};

AdminApi::AdminApi(Rooms rooms, Process process, const config::Settings& settings,
                   auth::AdminCredential credential)
    : rooms_(rooms),
      process_(std::move(process)),
      settings_(settings),
      guard_(std::move(credential), settings, {rooms.clock, rooms.log})
{
}

bool AdminApi::owns(std::string_view path) noexcept
{
    return path == quit_path || path == "/admin" || path.starts_with("/admin/");
}

std::vector<std::string> AdminApi::calls_by_name()
{
    std::vector<std::string> names;
    for (const auto& call : calls) {
        names.push_back(std::string(call.method).append(" ").append(prefix).append(call.path));
    }
    names.push_back("POST " + std::string(quit_path));
    return names;
}

Task<LocalResponse> AdminApi::answer(const LocalRequest& request)
{
    // Nobody learns what there is without the credential.
    if (auto refusal = guard_.stop(request)) co_return refused(*std::move(refusal));
    auto pending = dispatch(request);
    auto response = co_await std::move(pending);
    co_return response;
}

// No coroutine itself: it names the one that goes on.
Task<LocalResponse> AdminApi::dispatch(const LocalRequest& request)
{
    const auto short_name = request.path == quit_path;
    const auto path = short_name                         ? quit_path
                      : request.path.starts_with(prefix) ? request.path.substr(prefix.size())
                                                         : std::string_view();
    std::string allowed;
    if (path.starts_with('/')) {
        for (const auto& call : calls) {
            auto id = fit(call.path, path);
            if (!id) continue;
            if (is_asked_by(request.method, call.method)) return ask(call, request, *std::move(id));
            allowed.append(allowed.empty() ? "" : ", ")
                .append(call.method == "GET" ? "GET, HEAD" : call.method);
        }
    }
    Refusal refusal(allowed.empty() ? RefusalCode::not_found : RefusalCode::method_not_allowed);
    refusal.allow = std::move(allowed);
    return answered(refused(std::move(refusal)));
}

Task<LocalResponse> AdminApi::ask(const Call& call, const LocalRequest& request, std::string id)
{
    auto query = read_form(request.query);
    if (!query) co_return bad_request("The query is not name=value pairs");
    // Also a credential: it would end up in somebody's history and log.
    for (const auto& parameter : query->parameters) {
        if (enforced("admin.known_query") && !is_listed(call.query, parameter.name)) {
            co_return bad_request("The query has a parameter that this call does not know");
        }
    }
    Asked asked{request, std::move(id), *std::move(query)};
    if (call.has_body) {
        auto body = read_body(request, EmptyBody::refused);
        if (!body) co_return refused(body.error());
        asked.body = *std::move(body);
    }
    auto pending = (this->*call.answer)(asked);
    auto response = co_await std::move(pending);
    co_return response;
}

auth::AdminService AdminApi::service_for(const LocalRequest& request) const
{
    return {
        {rooms_.store, rooms_.hasher, rooms_.clock, rooms_.log, &rooms_.revocations,
         &rooms_.api_keys},
        settings_,
        {"admin API", std::string(request.peer_address), std::string(request.request_id)}
    };
}

void AdminApi::note(const LocalRequest& request, std::string_view what) const
{
    auto event = event_of_house(auth::SecurityEventKind::admin_act, "ok", rooms_.clock.now(), what);
    event.address = request.peer_address;
    event.request_id = request.request_id;
    rooms_.log.record(event);
}

Task<void> AdminApi::confirmed(bool changed)
{
    if (!changed || rooms_.confirmation == nullptr) co_return;
    const auto since = std::chrono::steady_clock::now(); // stored it was a moment ago
    auto job = [this, since] { rooms_.confirmation->wait(since); };
    auto pending = offload(*rooms_.confirm_pool, job);
    co_await std::move(pending);
}

} // namespace gatehouse::gateway
