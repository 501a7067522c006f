#include "gateway/api/api_request.hpp"

#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/api/form_body.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/own_cookies.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/credential.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

/// `application/json`, alone or with parameters (charset) behind it.
bool is_json(std::string_view content_type) noexcept
{
    return equal_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                               "application/json");
}

Result<std::optional<std::string_view>, Refusal> the_cookie(const LocalRequest& request,
                                                            const std::string& name)
{
    const auto token = token_in_cookie(request.fields, name);
    if (token) return std::optional(*token);
    if (token.error() == auth::TokenError::missing) return std::optional<std::string_view>();
    return told(RefusalCode::bad_request,
                "There are several cookies called " + name + ", and they differ",
                "several refresh cookies");
}

std::optional<auth::SessionDelivery> delivery_named(std::string_view word) noexcept
{
    if (word == "body") return auth::SessionDelivery::body;
    if (word == "cookie") return auth::SessionDelivery::cookie;
    if (word == "both") return auth::SessionDelivery::both;
    return std::nullopt;
}

Refusal wrong_type(std::string_view name, std::string_view wanted)
{
    return told(RefusalCode::bad_request, std::string(name).append(" has to be ").append(wanted));
}

/// What an earlier login left in this browser. Two that differ are none.
Secret device_cookie(const LocalRequest& request)
{
    const auto cookie = token_in_cookie(request.fields, config::device_cookie_name);
    return cookie ? Secret(std::string(*cookie)) : Secret();
}

} // namespace

auth::Caller caller_of(const LocalRequest& request)
{
    return {std::string(request.client_address),
            std::string(only_value(request.fields, "User-Agent")), std::string(request.request_id),
            device_cookie(request)};
}

Result<auth::json::Value, Refusal> read_body(const LocalRequest& request, EmptyBody empty)
{
    if (request.body.empty() && empty == EmptyBody::allowed) {
        return auth::json::Value(auth::json::Value::Object{});
    }
    if (enforced("api.content_type") && !is_json(only_value(request.fields, "Content-Type"))) {
        return Refusal(RefusalCode::unsupported_media_type);
    }
    // A NUL inside a password is that field's problem, and is told so.
    auto value = auth::json::read(request.body, {request.body_depth, true});
    if (!value) {
        return Refusal(RefusalCode::malformed_json, std::string(to_string(value.error())));
    }
    if (value->object() == nullptr) return wrong_type("the body", "a JSON object");
    return std::move(*value);
}

Result<auth::json::Value, Refusal> read_body_or_form(const LocalRequest& request,
                                                     const config::AuthApiSettings& settings,
                                                     EmptyBody empty)
{
    const bool nothing = request.body.empty() && empty == EmptyBody::allowed;
    const bool is_form = settings.contract.form_bodies && !nothing &&
                         is_form_type(only_value(request.fields, "Content-Type"));
    if (!is_form) return read_body(request, empty);
    if (enforced("api.form_page") && !is_from_own_page(asking_of(request), settings)) {
        return Refusal(RefusalCode::origin_forbidden, "form of a foreign page");
    }
    auto form = read_form(request.body);
    if (!form) {
        const std::string why(to_string(form.error()));
        return told(RefusalCode::bad_request, "The body is no form: " + why, why);
    }
    auth::json::Value::Object members;
    for (auto& [name, value] : form->parameters) {
        members.push_back({std::move(name), auth::json::Value(std::move(value))});
    }
    return auth::json::Value(std::move(members));
}

Result<std::optional<std::string>, Refusal> string_member(const auth::json::Value& body,
                                                          std::string_view name)
{
    const auto* value = body.find(name);
    if (value == nullptr || value->is_null()) return std::optional<std::string>();
    if (value->string() == nullptr) return wrong_type(name, "a string");
    return std::optional(*value->string());
}

Result<std::optional<auth::SessionDelivery>, Refusal> read_delivery(const auth::json::Value& body)
{
    using Delivery = std::optional<auth::SessionDelivery>;
    const auto given = string_member(body, "delivery");
    if (!given) return given.error();
    if (!*given) return Delivery();
    const auto delivery = delivery_named(**given);
    if (!delivery) return wrong_type("delivery", "body, cookie or both");
    return delivery;
}

Result<auth::Credentials, Refusal> read_credentials(const auth::json::Value& body,
                                                    const config::MemberContract& members)
{
    auto username = string_member(body, members.username);
    auto email = string_member(body, members.email);
    auto password = string_member(body, members.password);
    const auto delivery = read_delivery(body);
    if (!username) return username.error();
    if (!email) return email.error();
    if (!password) return password.error();
    if (!delivery) return delivery.error();

    auth::Credentials credentials;
    credentials.username = std::move(*username);
    credentials.email = std::move(*email);
    credentials.password = Secret(std::move(*password).value_or(""));
    credentials.delivery = *delivery;
    return credentials;
}

Result<std::optional<PresentedToken>, Refusal>
presented_token(const LocalRequest& request, const config::AuthApiSettings& settings)
{
    const auto body = read_body_or_form(request, settings, EmptyBody::allowed);
    if (!body) return body.error();
    auto member = string_member(*body, settings.contract.members.refresh_token);
    if (!member) return member.error();
    const auto sent_cookie = the_cookie(request, settings.cookie_name);
    if (!sent_cookie) return sent_cookie.error();

    auto& in_body = *member;
    const auto& cookie = *sent_cookie;
    if (in_body) {
        if (enforced("api.body_is_cookie") && cookie && *cookie != *in_body) {
            return told(RefusalCode::bad_request,
                        "The body and the cookie bring different refresh tokens",
                        "body and cookie differ");
        }
        return std::optional(PresentedToken{Secret(*std::move(in_body)), false});
    }
    if (cookie) return std::optional(PresentedToken{Secret(std::string(*cookie)), true});
    return std::optional<PresentedToken>();
}

bool carries_cookie(const LocalRequest& request, const config::AuthApiSettings& settings)
{
    return std::ranges::any_of(own_cookie_names(settings),
                               [&](const auto& name) { return has_cookie(request.fields, name); });
}

bool may_hold_cookies(const LocalRequest& request, const config::AuthApiSettings& settings)
{
    return settings.delivery != config::Delivery::body || carries_cookie(request, settings);
}

bool is_from_browser(const LocalRequest& request)
{
    return std::ranges::any_of(request.fields, [](const Field& field) {
        return equal_ignoring_case(field.name, "Origin") ||
               equal_ignoring_case(field.name, "Sec-Fetch-Site") ||
               equal_ignoring_case(field.name, "Cookie");
    });
}

Asking asking_of(const LocalRequest& request)
{
    return {request.method, request.host, request.fields, request.secure};
}

} // namespace gatehouse::gateway
