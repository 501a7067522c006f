#include "gateway/command/cache_review.hpp"

#include "config/templates/text_template.hpp"
#include "gateway/cache/keyed_request.hpp"
#include "gateway/http/field_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

using config::Variable;

/// One route with `cache`.
class Review {
public:
    Review(const config::Settings& settings, std::size_t number,
           std::vector<PolicyFinding>& findings)
        : settings_(settings),
          route_(settings.routes[number]),
          number_(number),
          findings_(findings)
    {
    }

    void look()
    {
        look_at_methods();
        look_at_vary();
        if (route_.request_headers) {
            for (const auto& line : route_.request_headers->set) look_at(line);
            for (const auto& line : route_.request_headers->add) look_at(line);
        }
        if (route_.forward_authorization && !route_.cache->shared) {
            note("forward_authorization is on, so of requests with a token only what says `public` "
                 "is kept");
        }
    }

private:
    void look_at_methods()
    {
        const auto& methods = route_.methods;
        if (methods.empty() || std::ranges::find(methods, "GET") != methods.end()) return;
        warn("cache is on, and no GET comes here, so nothing is ever kept",
             "only what a GET brings is kept: leave `cache` out");
    }

    void look_at_vary()
    {
        const HeaderPolicy policy(settings_);
        for (const auto& name : route_.cache->vary) {
            const auto kind = vary_name(name, policy);
            if (name == "*") {
                warn("cache.vary names *, which stands for no header here",
                     "name the headers that the service chooses its answer by");
            } else if (kind == VaryName::of_user || equal_ignoring_case(name, "cookie")) {
                warn(fmt::format("cache.vary names {}, which tells who asks and counts anyway",
                                 name),
                     "leave it out: docs/CACHING.md says who gets which answer");
            } else if (kind == VaryName::endless) {
                warn(
                    fmt::format("cache.vary names {}, which is another for each request or client, "
                                "so next to nothing that is kept is ever found",
                                name),
                    "name only what the service chooses its answer by");
            }
        }
    }

    /// What a route writes is part of what tells answers apart.
    void look_at(const config::HeaderLine& line)
    {
        const auto text = config::parse_template(line.value);
        if (!text) return;
        if (names(*text, Variable::request_id)) {
            warn(
                fmt::format("request_headers writes {{request.id}} into {}, so each request has an "
                            "answer of its own, and nothing that is kept is ever found",
                            line.name),
                "take it out: the service has the id in X-Request-Id, which does not count");
            return;
        }
        const bool of_claims =
            std::ranges::any_of(text->parts, [](const config::TemplatePart& part) {
                return part.kind == config::TemplatePart::Kind::claim;
            });
        const bool of_certificate =
            std::ranges::any_of(text->parts, [](const config::TemplatePart& part) {
                return part.kind == config::TemplatePart::Kind::variable &&
                       is_of_a_certificate(part.variable);
            });
        const bool of_user = of_claims || of_certificate || names(*text, Variable::user_id) ||
                             names(*text, Variable::session_id) ||
                             names(*text, Variable::client_address);
        if (!of_user) return;
        note(fmt::format("request_headers writes what differs from client to client into {}, so "
                         "also what says `public` is kept for each of them apart",
                         line.name));
    }

    void warn(std::string what, std::string hint)
    {
        findings_.push_back({true, number_, std::move(what), std::move(hint)});
    }

    void note(std::string what) { findings_.push_back({false, number_, std::move(what)}); }

    const config::Settings& settings_;
    const config::RouteSettings& route_;
    const std::size_t number_;
    std::vector<PolicyFinding>& findings_;
};

} // namespace

std::vector<PolicyFinding> cache_findings(const config::Settings& settings)
{
    std::vector<PolicyFinding> findings;
    for (std::size_t i = 0; i < settings.routes.size(); ++i) {
        if (settings.routes[i].cache) Review(settings, i, findings).look();
    }
    return findings;
}

} // namespace gatehouse::gateway
