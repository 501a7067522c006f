// What a route does to what passes: redirects, rewrites, headers, and what it only reports.
#include "config/basics/enforced.hpp"
#include "config/claims/token_claims.hpp"
#include "config/load/owned_headers.hpp"
#include "config/load/validate.hpp"
#include "config/templates/text_template.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

using Kind = TemplatePart::Kind;

class TreatmentJudge {
public:
    TreatmentJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          certificates_(asks_for_certificates(settings)),
          root_(root),
          report_(report)
    {
    }

    void judge_all()
    {
        for (std::size_t i = 0; i < settings_.routes.size(); ++i) judge(i);
    }

private:
    void judge(std::size_t index)
    {
        const auto& route = settings_.routes[index];
        const auto key = fmt::format("routes[{}]", index);
        judge_end(route, key);
        judge_rewrite(route, key);
        judge_report_only(route, key + ".report_only");
        if (route.compression) judge_compression(*route.compression, key + ".compression");
        if (route.request_headers)
            judge_headers(route, *route.request_headers, HeaderSide::request,
                          key + ".request_headers");
        if (route.response_headers)
            judge_headers(route, *route.response_headers, HeaderSide::response,
                          key + ".response_headers");
    }

    void judge_compression(const RouteCompressionSettings& compression, const std::string& key)
    {
        for (const auto& [list, name] : {
                 std::pair{&compression.encodings, ".encodings"},
                 std::pair{&compression.types,     ".types"    }
        }) {
            if (!list->empty()) continue;
            error(key + name, {"is empty: nothing would be compressed",
                               "write at least one, or remove compression"});
        }
    }

    /// Exactly one of `to` and `redirect`.
    void judge_end(const RouteSettings& route, const std::string& key)
    {
        if (!route.redirect) {
            const bool there = !route.to.empty() || report_.blames(key + ".to") ||
                               nearest_node(root_, key + ".to").kind == Node::Kind::scalar;
            if (!there)
                error(key + ".to", {"is missing", "Where requests go: the name of an upstream, or "
                                                  "a URL; or write `redirect`."});
            return;
        }
        if (!route.to.empty())
            return error(key + ".redirect", {"this route has a `to` already",
                                             "a route forwards or redirects: remove one of them"});
        const auto nobody = [&](bool there, const char* name) {
            if (there)
                error(fmt::format("{}.{}", key, name),
                      {"a redirect asks no upstream", "remove it, or write `to`"});
        };
        nobody(!route.rewrite.empty(), "rewrite");
        nobody(!route.strip_prefix.empty(), "strip_prefix");
        nobody(route.request_headers.has_value(), "request_headers");
        judge_redirect(route, key + ".redirect.to");
    }

    void judge_redirect(const RouteSettings& route, const std::string& key)
    {
        if (report_.blames(key)) return;
        const auto target = parse_redirect(route.redirect->to);
        if (!target) return;
        judge_captures(route, target->path, key);
        // Whoever asks writes Host, and a cache may keep the answer for others.
        if (enforced("config.redirect_host") && names(target->origin, Variable::host) &&
            route.host.empty()) {
            error(key, {"anybody can ask for any host, and would be sent there",
                        "name the `host` of this route, or write the host out"});
        }
    }

    void judge_rewrite(const RouteSettings& route, const std::string& key)
    {
        if (route.rewrite.empty() || report_.blames(key + ".rewrite")) return;
        if (!route.strip_prefix.empty())
            error(key + ".rewrite", {"this route has a `strip_prefix` already",
                                     "write the whole path here, for example /{rest}"});
        const auto path = parse_path_template(route.rewrite);
        if (path) judge_captures(route, *path, key + ".rewrite");
    }

    /// A capture that the pattern does not have would be empty for ever.
    void judge_captures(const RouteSettings& route, const TextTemplate& path,
                        const std::string& key)
    {
        const auto pattern = parse_path_pattern(route.match);
        if (!pattern) return;
        const auto& segments = pattern->segments;
        const auto stars = static_cast<std::size_t>(
            std::ranges::count(segments, SegmentKind::one, &PatternSegment::kind));
        const bool has_rest = !segments.empty() && segments.back().kind == SegmentKind::rest;
        for (const auto& part : path.parts) {
            if (part.kind != Kind::capture) continue;
            const bool is_rest = part.capture == rest_capture;
            if (is_rest ? has_rest : part.capture <= stars) continue;
            const auto name = is_rest ? std::string("rest") : fmt::format("{}", part.capture);
            error(key, {fmt::format("{} has nothing for {{{}}}", quoted(route.match), name),
                        is_rest ? "end `match` with **" : "{1} is the first * of `match`"});
            return;
        }
    }

    void judge_report_only(const RouteSettings& route, const std::string& key)
    {
        if (!route.report_only) return;
        if (route.auth == AuthMode::none)
            return error(key, {"no token is looked at on a route with `auth: none`",
                               "write `auth: required`, or remove this line"});
        warning(key, {"this route lets EVERYBODY pass: what `auth` refuses is only counted and "
                      "logged",
                      "remove report_only once the log shows no `would_refuse` that should pass"});
    }

    void judge_headers(const RouteSettings& route, const HeaderChanges& changes, HeaderSide side,
                       const std::string& key)
    {
        std::vector<std::string> seen;
        for (const auto& line : changes.set) judge_line(route, line, side, key + ".set", &seen);
        for (const auto& line : changes.add) judge_line(route, line, side, key + ".add", nullptr);
        for (std::size_t i = 0; i < changes.remove.size(); ++i) {
            const auto& name = changes.remove[i];
            judge_name(route, name, side, Change::remove, fmt::format("{}.remove[{}]", key, i));
            refuse_second(name, fmt::format("{}.remove[{}]", key, i), seen);
        }
        if (changes.set.empty() && changes.add.empty() && changes.remove.empty() &&
            !report_.blames(key))
            warning(key, {"changes nothing", "write set, add or remove"});
    }

    void judge_line(const RouteSettings& route, const HeaderLine& line, HeaderSide side,
                    const std::string& list, std::vector<std::string>* seen)
    {
        const auto key = fmt::format("{}.{}", list, line.name);
        judge_name(route, line.name, side, Change::write, key);
        if (seen != nullptr) refuse_second(line.name, key, *seen);
        const auto value = parse_template(line.value);
        if (!value || report_.blames(key)) return;
        for (const auto& part : value->parts) judge_part(route, part, key);
    }

    void judge_name(const RouteSettings& route, const std::string& name, HeaderSide side,
                    Change change, const std::string& key)
    {
        if (!enforced("config.owned_headers")) return;
        auto problem = problem_with_header(settings_, route, side, change, name);
        if (problem) error(key, *std::move(problem));
    }

    /// Two spellings of one name would say two things to backends that fold them.
    void refuse_second(const std::string& name, const std::string& key,
                       std::vector<std::string>& seen)
    {
        auto folded = folded_header(name);
        if (std::ranges::find(seen, folded) != seen.end())
            error(key, {fmt::format("{} stands here already, as backends read it", quoted(name)),
                        "write it once"});
        seen.push_back(std::move(folded));
    }

    void judge_part(const RouteSettings& route, const TemplatePart& part, const std::string& key)
    {
        const bool of_user =
            part.kind == Kind::claim ||
            (part.kind == Kind::variable &&
             (part.variable == Variable::user_id || part.variable == Variable::session_id));
        if (of_user && route.auth == AuthMode::none)
            return warning(key, {"no token is looked at on a route with `auth: none`: the header "
                                 "is never sent",
                                 "write `auth: optional`, or remove this line"});
        if (part.kind == Kind::variable && is_of_a_certificate(part.variable) && !certificates_)
            return warning(key, {"nobody can show a certificate here: the header is never sent",
                                 "give a listener `tls: {client_certificates: {ca: FILE}}`"});
        if (part.kind != Kind::claim || report_.blames("auth.contract.claims")) return;
        if (find_claim(settings_, part.text)) return;
        warning(key,
                {fmt::format("no access token has {}: the header is never sent", quoted(part.text)),
                 "draw it in auth.contract.claims, or name another claim"});
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    void warning(const std::string& key, Problem problem)
    {
        report_.warning(nearest_node(root_, key), key, std::move(problem));
    }

    const Settings& settings_;
    const bool certificates_; // somebody can show one
    const Node& root_;
    Report& report_;
};

} // namespace

void validate_treatment(const Settings& settings, const Node& root, Report& report)
{
    TreatmentJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
