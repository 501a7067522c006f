#pragma once

#include "auth/json/value.hpp"
#include "auth/service/requests.hpp"
#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/pipeline/page.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Who calls, for throttles, session lists and logs.
[[nodiscard]] auth::Caller caller_of(const LocalRequest& request);

/// The body as a JSON object. An empty body is an empty object where the call allows it.
/// Errors: unsupported_media_type (not application/json), malformed_json, bad_request (no object).
/// R56
enum class EmptyBody { refused, allowed };
[[nodiscard]] Result<auth::json::Value, Refusal> read_body(const LocalRequest& request,
                                                           EmptyBody empty);

/// The same for calls that browsers' own forms may make: where the contract says so, a form is an
/// object of strings. No preflight asks before one is posted, so it has to come from an own page,
/// or anybody could sign a visitor in as somebody else.
/// Errors: also bad_request (no form), origin_forbidden.
[[nodiscard]] Result<auth::json::Value, Refusal>
read_body_or_form(const LocalRequest& request, const config::AuthApiSettings& settings,
                  EmptyBody empty);

/// A member that is a string; nothing when it is absent or null.
/// Errors: bad_request (another type).
[[nodiscard]] Result<std::optional<std::string>, Refusal>
string_member(const auth::json::Value& body, std::string_view name);

/// How a login wants its refresh token. Errors: bad_request.
[[nodiscard]] Result<std::optional<auth::SessionDelivery>, Refusal>
read_delivery(const auth::json::Value& body);

/// Names, password and `delivery`; other members are ignored (R59).
[[nodiscard]] Result<auth::Credentials, Refusal>
read_credentials(const auth::json::Value& body, const config::MemberContract& members);

/// The refresh token of a call and how it came.
struct PresentedToken {
    Secret token;
    /// By cookie alone: the page that made the browser send it has to be one of ours.
    bool by_cookie = false;
};

/// From the body or our cookie; nothing when neither is there.
/// Errors: those of read_body, bad_request (they differ, or two cookies do).
[[nodiscard]] Result<std::optional<PresentedToken>, Refusal>
presented_token(const LocalRequest& request, const config::AuthApiSettings& settings);

/// Whether the request came with a cookie of ours, whatever is in it.
[[nodiscard]] bool carries_cookie(const LocalRequest& request,
                                  const config::AuthApiSettings& settings);

/// Whether whoever asks may have such a cookie: it came with one, or sessions come in cookies here.
[[nodiscard]] bool may_hold_cookies(const LocalRequest& request,
                                    const config::AuthApiSettings& settings);

/// Whether it shows what browsers add to the request of a page: an Origin, Fetch metadata or a
/// cookie. For what only browsers have a use for; anybody can show it.
[[nodiscard]] bool is_from_browser(const LocalRequest& request);

[[nodiscard]] Asking asking_of(const LocalRequest& request);

} // namespace gatehouse::gateway
