#include "gateway/pipeline/explained.hpp"

#include "auth/tokens/authenticator.hpp"
#include "config/scalars/scalars.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/pipeline/login_redirect.hpp"
#include "gateway/routing/auth_prefix.hpp"
#include "gateway/routing/path.hpp"
#include "gateway/upstream/described.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace gatehouse::gateway {
namespace {

class Explanation {
public:
    Explanation(const Question& question, const Runtime& runtime)
        : question_(question),
          runtime_(runtime)
    {
        if (question.certificate) show(*question.certificate);
    }

    /// The request as a client would send it, through the parser that reads clients.
    bool parse()
    {
        bytes_ = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", question_.method, question_.target,
                             question_.host);
        if (!question_.token.empty()) {
            bytes_ += fmt::format("Authorization: Bearer {}\r\n", question_.token);
        }
        for (const auto& field : question_.fields) bytes_ += field + "\r\n";
        bytes_ += "\r\n";
        const auto parsed = parser_.parse(bytes_, head_, runtime_.settings.limits);
        if (parsed && *parsed) {
            tell_client();
            return true;
        }
        const auto error = parsed ? ParseError::bad_field : parsed.error();
        told.refusal = Refusal(refusal_of(error));
        told.reason = to_string(error);
        return false;
    }

    /// Whoever shows a certificate out of its time is not let in.
    bool is_let_in(auth::Seconds now)
    {
        if (!shown_ || shown_->is.is_good_at(now.time_since_epoch().count())) return true;
        told.refusal = Refusal(RefusalCode::forbidden, "the client certificate is out of its time");
        told.reason = told.refusal.reason;
        return false;
    }

    /// What Gatehouse answers itself, before any route is asked.
    bool is_own_path()
    {
        const auto& auth = runtime_.settings.auth;
        const auto path = head_.origin_target.substr(0, head_.origin_target.find('?'));
        std::string scratch;
        const auto normal = normalise_path(path, scratch);
        if (!normal) return false; // the decision says so too
        const bool keys = normal->text == "/.well-known/jwks.json";
        if (!keys && !is_auth_path(normal->text, auth)) return false;
        told.outcome = Explained::Outcome::answered;
        told.path = normal->text;
        told.reason = keys ? "the public keys"
                      : is_under(normal->text, auth.prefix)
                          ? fmt::format("the auth API lives at {}", auth.prefix)
                          : "auth.contract has a call here";
        return true;
    }

    void decide_by(const DecisionRooms& rooms, auth::Seconds now)
    {
        auto deciding = rooms;
        deciding.certificate = shown_ ? &shown_->is : nullptr;
        deciding.secure = told.client.scheme == "https";
        const auto decided = decide(deciding, head_, now, scratch_);
        told.decided = true;
        told.path = scratch_.judged_path;
        if (scratch_.route != nullptr) {
            told.route = static_cast<std::size_t>(scratch_.route->settings -
                                                  runtime_.settings.routes.data());
            told.limits = limit_texts(runtime_.settings, *told.route);
        }
        if (!decided) {
            told.refusal = decided.error();
            told.reason = decided.error().reason;
            told.sign_in = way_to_sign_in();
        } else if (decided->preflight != nullptr) {
            told.outcome = Explained::Outcome::answered;
            told.reason = "a CORS preflight for this route";
        } else {
            tell_report();
            const auto* treatment = decided->route->treatment;
            if (treatment != nullptr && treatment->redirect) {
                redirected(*decided, *treatment->redirect);
            } else {
                forwarded(*decided);
            }
        }
    }

    Explained told;

private:
    [[nodiscard]] Peer peer() const
    {
        return {question_.peer, runtime_.clients.trusted.contains(question_.peer),
                shown_.has_value()};
    }

    void show(const ClientCertificate& certificate)
    {
        for (const auto& listen : runtime_.settings.listen) {
            if (!listen.tls || !listen.tls->client_certificates) continue;
            shown_.emplace(certificate, &listen.tls->client_certificates->headers);
            told.certificate =
                fmt::format("{} at {}, taken for verified",
                            certificate.subject.empty() ? "a certificate" : certificate.subject,
                            listen.address);
            return;
        }
        told.certificate = "nobody looks at a certificate: no listener has client_certificates";
    }

    void tell_client()
    {
        const auto who = peer();
        const auto way = believed_way(head_, who, runtime_.clients);
        told.client = {question_.peer, who.trusted, std::string(way.client(who)),
                       way.is_secure(who) ? "https" : "http", reason_for(way)};
    }

    [[nodiscard]] std::string reason_for(const Way& way) const
    {
        const bool by_rfc = runtime_.clients.named_in == config::ClientAddress::forwarded;
        const std::string_view header = by_rfc ? "Forwarded" : "X-Forwarded-For";
        switch (way.end) {
        case Way::End::peer_not_trusted:
            return names_a_client(head_)
                       ? "the peer is not in trusted_proxies: the client it names does not count"
                       : "the peer is not in trusted_proxies";
        case Way::End::nothing_said:
            if (way.count == 0) return fmt::format("the peer is trusted, and has no {}", header);
            return fmt::format("named in {}, by trusted proxies alone", header);
        case Way::End::stranger:
            return fmt::format("named in {}, the first from its end who is not trusted", header);
        case Way::End::hidden:
            return fmt::format("the last trusted one in {}, which hides its client", header);
        case Way::End::unreadable:
            break;
        }
        return fmt::format("what {} says before it is no address", header);
    }

    /// For the same request by a browser in which somebody wants to see a page.
    [[nodiscard]] std::string way_to_sign_in() const
    {
        const auto* route = scratch_.route == nullptr ? nullptr : scratch_.route->settings;
        if (route == nullptr || route->login != config::LoginAnswer::redirect) return {};
        auto asked = head_;
        asked.fields.push_back({"Sec-Fetch-Mode", "navigate"});
        if (!asks_to_sign_in(told.refusal.code) || !wants_a_page(asked)) return {};
        return sign_in_location(runtime_.settings, head_.origin_target, told.refusal.code);
    }

    void tell_report()
    {
        if (!scratch_.reported) return;
        const auto& refusal = *scratch_.reported;
        told.would_refuse = fmt::format("{} {}", status_of(refusal), to_string(refusal.code));
        if (!refusal.reason.empty()) told.would_refuse += ": " + refusal.reason;
    }

    void redirected(const Admission& admission, const Redirect& redirect)
    {
        const auto to = redirect.location({head_.host, admission.path, admission.query,
                                           admission.route->settings->allow_path_params});
        if (!to) {
            told.refusal = Refusal(RefusalCode::bad_request, "nowhere to be sent to");
            told.reason = told.refusal.reason;
            return;
        }
        told.outcome = Explained::Outcome::answered;
        told.to = *to;
        told.reason = fmt::format("{}: sent on with {}", reason_for(admission), redirect.status());
    }

    void forwarded(const Admission& admission)
    {
        const auto& upstream = runtime_.upstreams[admission.route->upstream];
        const auto& endpoint = upstream.endpoints.front();
        told.outcome = Explained::Outcome::forwarded;
        told.reason = reason_for(admission);
        told.to = described(upstream);
        std::array<char, 128 * 1024> room{};
        HeadWriter out{room};
        IdSource ids;
        RequestId request_id;
        request_id.choose(head_, peer().trusted, ids);
        write_upstream_head(out, head_, admission,
                            {.policy = runtime_.policy,
                             .ids = ids,
                             .peer = peer(),
                             .clients = runtime_.clients,
                             .request_id = request_id.text(),
                             .upstream_host = endpoint.host,
                             .body = {},
                             .certificate = shown_ ? &*shown_ : nullptr});
        auto rest = out.written();
        for (auto end = rest.find("\r\n"); end != 0 && end != rest.npos; end = rest.find("\r\n")) {
            told.head.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end + 2);
        }
    }

    [[nodiscard]] std::string reason_for(const Admission& admission) const
    {
        const auto& route = *admission.route->settings;
        if (route.auth == config::AuthMode::none && route.certificate)
            return "a certificate that fits";
        if (route.auth == config::AuthMode::none) return "this route does not look at tokens";
        if (route.report_only && admission.principal == nullptr)
            return "this route only reports: it lets everybody pass";
        if (admission.principal == nullptr) return "this route needs no token, and there was none";
        const auto* what = admission.principal->api_key.empty() ? "token" : "API key";
        auto text = fmt::format("a good {} of user {}", what, admission.principal->user_id);
        if (const auto place = admission.principal->issuer; place != 0) {
            const auto& verifier = runtime_.issuers->all()[place - 1U].verifier;
            text += fmt::format(", from the issuer {} ({})", verifier.name(), verifier.issuer());
        }
        return text;
    }

    const Question& question_;
    const Runtime& runtime_;
    std::optional<ShownCertificate> shown_;
    std::string bytes_;
    RequestParser parser_;
    RequestHead head_;
    DecisionScratch scratch_;
};

/// Who may pass: the word of the settings, and whatever else they ask for.
std::string auth_text(const config::RouteSettings& route)
{
    std::string text(word_for(route.auth));
    const auto list = [&](std::string_view key, const std::vector<std::string>& values) {
        if (!values.empty()) text += fmt::format(", {}: [{}]", key, fmt::join(values, ", "));
    };
    list("roles", route.roles);
    list("scopes", route.scopes);
    list("require", route.require);
    for (const auto& claim : route.claims) list(claim.path, claim.any_of);
    if (route.max_auth_age) {
        text += fmt::format(", max_auth_age: {}", config::format_duration(*route.max_auth_age));
    }
    if (route.certificate) text += ", with a certificate";
    if (route.issuers != config::RouteSettings().issuers) list("issuers", route.issuers);
    return text;
}

} // namespace

std::optional<Explained> explain(const Question& question, const Runtime& runtime,
                                 auth::Seconds now,
                                 const std::function<const DecisionRooms*()>& deciding)
{
    Explanation explanation(question, runtime);
    if (!explanation.parse() || !explanation.is_let_in(now) || explanation.is_own_path())
        return std::move(explanation.told);
    const auto* rooms = deciding();
    if (rooms == nullptr) return std::nullopt;
    explanation.decide_by(*rooms, now);
    return std::move(explanation.told);
}

std::vector<std::string> limit_texts(const config::Settings& settings, std::size_t route)
{
    const auto& chosen = settings.routes[route];
    std::vector<std::string> texts;
    for (const auto& named : rates_of(settings, chosen)) {
        auto text = fmt::format("{}: {}", named.name, rate_text(named.rate));
        if (named.rate.shared) text += ", counted with other gateways";
        texts.push_back(std::move(text));
    }
    if (chosen.in_flight) texts.push_back(fmt::format("in_flight: {}", *chosen.in_flight));
    if (chosen.max_body_bytes) {
        const auto most = *chosen.max_body_bytes;
        texts.push_back("max_body: " + (most == 0 ? "none" : config::format_size(most)));
    }
    return texts;
}

std::string route_text(const config::Settings& settings, std::size_t route)
{
    const auto& chosen = settings.routes[route];
    auto text = fmt::format("routes[{}] {} (auth: {})", route, chosen.match, auth_text(chosen));
    if (!chosen.websocket) text += " without WebSockets";
    if (chosen.cache)
        text += chosen.cache->shared ? " with a cache for all users" : " with a cache";
    if (chosen.compression)
        text += fmt::format(" compressed ({})", fmt::join(chosen.compression->encodings, ", "));
    if (!chosen.host.empty()) text += fmt::format(" on host {}", chosen.host);
    if (chosen.report_only) text += ", report only";
    if (chosen.redirect)
        return text +
               fmt::format(" -> {} {}", word_for(chosen.redirect->status), chosen.redirect->to);
    return text + fmt::format(" -> {}", chosen.to);
}

} // namespace gatehouse::gateway
