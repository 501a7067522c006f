#include "gateway/api/auth_api.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view jwks_path = "/.well-known/jwks.json";
constexpr std::string_view sessions_path = "/sessions/";

/// `/auth/me` with the prefix `/auth` is `/me`.
std::string_view below(std::string_view path, std::string_view prefix)
{
    return path.substr(std::min(prefix.size(), path.size()));
}

LocalResponse wrong_method(std::string_view allowed)
{
    Refusal refusal(RefusalCode::method_not_allowed);
    refusal.allow = allowed;
    return refused(std::move(refusal));
}

bool is_among(std::string_view method, std::string_view allowed)
{
    while (!allowed.empty()) {
        const auto end = std::min(allowed.find(','), allowed.size());
        if (allowed.substr(0, end) == method) return true;
        allowed.remove_prefix(std::min(end + 2, allowed.size())); // ", "
    }
    return false;
}

} // namespace

/// A line of the contract: where, how, and what answers.
struct AuthApi::Call {
    std::string_view path;    // below the prefix
    std::string_view methods; // as in Allow; empty: any
    Task<LocalResponse> (AuthApi::*answer)(const LocalRequest&);
};

const AuthApi::Call AuthApi::calls[] = {
    {"/register",        "POST",         &AuthApi::register_user  },
    {"/login",           "POST",         &AuthApi::login          },
    {"/refresh-token",   "POST",         &AuthApi::refresh        },
    {"/logout",          "POST, DELETE", &AuthApi::logout         },
    {"/logout-all",      "POST",         &AuthApi::logout_all     },
    {"/logout-others",   "POST",         &AuthApi::logout_others  },
    {"/me",              "GET, HEAD",    &AuthApi::me             },
    {"/sessions",        "GET, HEAD",    &AuthApi::list_sessions  },
    {"/password/change", "POST",         &AuthApi::change_password},
    {"/verify",          "",             &AuthApi::verify         },
};

AuthApi::AuthApi(Rooms rooms, const config::Settings& settings)
    : rooms_(rooms),
      settings_(settings),
      policy_(settings)
{
}

Task<LocalResponse> AuthApi::answer(const LocalRequest& request)
{
    if (request.path == jwks_path) {
        if (!is_among(request.method, "GET, HEAD")) co_return wrong_method("GET, HEAD");
        co_return jwks(request);
    }
    const auto path = below(request.path, settings_.auth.prefix);
    for (const auto& call : calls) {
        if (call.path != path) continue;
        if (!call.methods.empty() && !is_among(request.method, call.methods)) {
            co_return wrong_method(call.methods);
        }
        co_return co_await (this->*call.answer)(request);
    }
    if (path.starts_with(sessions_path) && path.find('/', sessions_path.size()) == path.npos &&
        path.size() > sessions_path.size()) {
        if (request.method != "DELETE") co_return wrong_method("DELETE");
        co_return co_await revoke_session(request);
    }
    co_return refused(Refusal(RefusalCode::not_found));
}

Result<auth::Principal, Refusal> AuthApi::bearer_of(const LocalRequest& request) const
{
    const auto principal =
        identify_bearer(*request.deciding, request.fields, rooms_.clock.seconds());
    if (!principal) return principal.error();
    return **principal; // a copy: the authenticator's own does not outlive a suspension
}

bool AuthApi::is_foreign_page(const LocalRequest& request) const
{
    return enforced("api.cookie_origin") && !is_from_own_page(request, settings_.auth);
}

Task<LocalResponse> AuthApi::verify(const LocalRequest& request)
{
    co_return answer_verify(request, policy_, rooms_.clock.seconds());
}

LocalResponse AuthApi::jwks(const LocalRequest&) const
{
    LocalResponse response;
    response.fields = {
        {"Content-Type",  "application/jwk-set+json"                                        },
        {"Cache-Control", "max-age=" + std::to_string(settings_.tokens.jwks_max_age.count())}
    };
    response.body = rooms_.keys.ring()->jwks(rooms_.clock.seconds());
    return response;
}

} // namespace gatehouse::gateway
