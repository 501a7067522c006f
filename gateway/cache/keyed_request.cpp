#include "gateway/cache/keyed_request.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/cache/key_parts.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t longest_key = 16 * std::size_t{1024};

/// What goes along with a request and does not say what is asked for, unless an answer's Vary says
/// so.
constexpr std::array<std::string_view, 37> neutral_names = {
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "date",
    "device-memory",
    "dnt",
    "downlink",
    "dpr",
    "ect",
    "forwarded",
    "from",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "max-forwards",
    "pragma",
    "priority",
    "referer",
    "rtt",
    "save-data",
    "sec-gpc",
    "sec-purpose",
    "te",
    "traceparent",
    "tracestate",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "viewport-width",
    "width",
    "x-forwarded-for",
    "x-real-ip",
    "x-request-id",
};

bool is_neutral(std::string_view name) noexcept
{
    const auto is = [&](std::string_view neutral) { return equal_ignoring_case(name, neutral); };
    if (std::ranges::any_of(neutral_names, is)) return true;
    // What browsers say of themselves and of where a request comes from.
    return equal_ignoring_case(name.substr(0, 7), "sec-ch-") ||
           equal_ignoring_case(name.substr(0, 10), "sec-fetch-");
}

bool is_credential(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "cookie") || equal_ignoring_case(name, "authorization");
}

/// By the route: what it says there may be of whoever asks, whatever clients say under that name.
bool is_written(std::string_view name, const HeaderPlan* changes) noexcept
{
    if (changes == nullptr || !enforced("cache.written_fields")) return false;
    return std::ranges::any_of(changes->lines, [name](const HeaderPlan::Line& line) {
        return equal_ignoring_case(name, line.name);
    });
}

std::string in_lower_case(std::string_view text)
{
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), lower);
    return folded;
}

void add_field(std::string& key, const Field& field)
{
    add_part(key, in_lower_case(field.name));
    add_part(key, field.value);
}

} // namespace

VaryName vary_name(std::string_view name, const HeaderPolicy& policy) noexcept
{
    if (is_identity_name(name, policy) || equal_ignoring_case(name, "authorization"))
        return VaryName::of_user;
    const bool endless =
        equal_ignoring_case(name, "cookie") || equal_ignoring_case(name, "x-request-id") ||
        equal_ignoring_case(name, "x-forwarded-for") || equal_ignoring_case(name, "x-real-ip") ||
        equal_ignoring_case(name, "forwarded") || equal_ignoring_case(name, "traceparent") ||
        equal_ignoring_case(name, "tracestate");
    return endless ? VaryName::endless : VaryName::plain;
}

std::string resource_key(const AskedFacts& facts)
{
    std::string key;
    add_part(key, facts.scheme);
    add_part(key, in_lower_case(facts.host));
    add_part(key, facts.path);
    add_part(key, facts.query);
    return key;
}

KeyedRequest::KeyedRequest(std::string_view written, const AskedFacts& facts,
                           const HeaderPolicy& policy)
    : head(written),
      resource(resource_key(facts))
{
    auto& all = for_all;
    add_part(all, std::to_string(facts.generation));
    add_part(all, std::to_string(facts.route));
    add_part(all, facts.upstream);

    std::string_view rest = head;
    const auto take_line = [&] {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
        return line;
    };
    // The target as it is sent; whether GET or HEAD makes no other answer.
    const auto line = take_line();
    const auto target = line.find(' ');
    add_part(all, target == std::string_view::npos ? line : line.substr(target));
    std::string identity;
    while (!rest.empty()) {
        const auto text = take_line();
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) continue;
        const Field field{text.substr(0, colon), trimmed(text.substr(colon + 1))};
        fields.push_back(field);
        if (is_identity_name(field.name, policy)) {
            // A signed one is another each time, and says what the others say.
            if (!equal_ignoring_case(field.name, policy.proof_header)) add_field(identity, field);
        } else if (is_credential(field.name)) {
            is_personal = true;
        } else if (is_written(field.name, facts.changes)) {
            add_field(all, field);
        } else if (enforced("cache.unknown_fields") && !is_neutral(field.name)) {
            add_field(all, field);
        } else if (std::ranges::any_of(facts.vary, [&](const std::string& name) {
                       return equal_ignoring_case(field.name, name);
                   })) {
            add_field(all, field);
        }
    }
    for_user = for_all;
    add_part(for_all, "for all");
    has_user = !facts.user.empty() || !facts.api_key.empty();
    add_part(for_user, has_user ? "for a user" : "for nobody");
    // A certificate may say who asks where no token does.
    if (enforced("cache.user")) {
        add_part(for_user, std::to_string(facts.issuer));
        add_part(for_user, facts.user);
        add_part(for_user, facts.api_key);
        add_part(for_user, identity);
    }
    is_too_long = resource.size() + for_user.size() > longest_key;
}

} // namespace gatehouse::gateway
