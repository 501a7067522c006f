#include "gateway/command/explain.hpp"

#include "auth/apikeys/api_key_table.hpp"
#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/store/open_stores.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/open_keys.hpp"
#include "gateway/command/words.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/routing/auth_prefix.hpp"
#include "gateway/routing/path.hpp"
#include "gateway/runtime/rooms.hpp"

#include <fmt/format.h>

#include <array>

namespace gatehouse::gateway {
namespace {

std::string_view mode_of(const config::RouteSettings& route)
{
    return word_for(route.auth);
}

class Explanation {
public:
    Explanation(const Arguments& arguments, config::Settings settings, Console& console)
        : arguments_(arguments),
          console_(console),
          runtime_(std::move(settings), nullptr)
    {
    }

    int run()
    {
        if (!parse_request()) return exit_ok;
        if (is_own_path()) return exit_ok;
        if (!open_keys()) return exit_failed;

        auth::Authenticator authenticator{settings().tokens,
                                          revocations_,
                                          keys_->ring(),
                                          auth::TokenCache::default_entries,
                                          auth::ClaimQuestions(settings()),
                                          proof_life_of(settings())};
        authenticator.take_api_keys(api_keys_);
        const DecisionRooms rooms{runtime_.router,     authenticator, false,
                                  settings().auth,     nullptr,       false,
                                  proof_of(settings())};
        const auto decided = decide(rooms, head_, clock_.seconds(), scratch_);
        if (!scratch_.judged_path.empty()) line("path", scratch_.judged_path);
        line("route", scratch_.route == nullptr ? "none" : route_text(*scratch_.route->settings));
        if (!decided) {
            refused(decided.error());
            return exit_ok;
        }
        return decided->preflight != nullptr ? preflight() : forwarded(*decided);
    }

private:
    [[nodiscard]] const config::Settings& settings() const { return runtime_.settings; }

    void line(std::string_view name, std::string_view value)
    {
        console_.out << fmt::format("{:9} {}\n", fmt::format("{}:", name), printable(value));
    }

    /// The request as a client would send it, through the parser that reads clients.
    bool parse_request()
    {
        const auto blank = arguments_.request.find(' ');
        const bool has_method = blank != std::string::npos;
        const auto method = has_method ? arguments_.request.substr(0, blank) : "GET";
        const auto target = has_method ? arguments_.request.substr(blank + 1) : arguments_.request;
        bytes_ = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, arguments_.host);
        if (!arguments_.token.empty()) {
            bytes_ += fmt::format("Authorization: Bearer {}\r\n", arguments_.token);
        }
        bytes_ += "\r\n";
        line("request", fmt::format("{} {} for host {}", method, target, arguments_.host));
        const auto parsed = parser_.parse(bytes_, head_, settings().limits);
        if (parsed) return true;
        Refusal refusal{refusal_of(parsed.error())};
        refusal.reason = to_string(parsed.error());
        refused(refusal);
        return false;
    }

    /// What Gatehouse answers itself, before any route is asked.
    bool is_own_path()
    {
        const auto path = head_.origin_target.substr(0, head_.origin_target.find('?'));
        std::string scratch;
        const auto normal = normalise_path(path, scratch);
        if (!normal) return false; // the decision says so too
        const bool keys = normal->text == "/.well-known/jwks.json";
        if (!keys && !is_auth_path(normal->text, settings().auth)) return false;
        line("path", normal->text);
        line("decision", "answered by Gatehouse itself");
        const auto& prefix = settings().auth.prefix;
        line("reason", keys ? "the public keys"
                       : is_under(normal->text, prefix)
                           ? fmt::format("the auth API lives at {}", prefix)
                           : "auth.contract has a call here");
        return true;
    }

    /// Keys and revocations as the gateway has them. Without a token nobody asks for them, and a
    /// look at a configuration should not make files.
    bool open_keys()
    {
        if (arguments_.token.empty() || settings().store == "memory") {
            return keep(auth::KeyKeeper::open(settings().tokens, "", clock_));
        }
        auto stores = auth::open_stores(settings(), auth::StoreRole::command);
        if (!stores) {
            console_.err << stores.error() << "\n";
            return false;
        }
        stores_ = *std::move(stores);
        return keep(auth::open_keys(settings(), *stores_.store, clock_)) && load_revocations() &&
               load_api_key();
    }

    bool keep(Result<std::unique_ptr<auth::KeyKeeper>, auth::KeyError> keys)
    {
        if (keys) {
            keys_ = *std::move(keys);
        } else {
            console_.err << keys.error().message << "\n";
        }
        return keys.has_value();
    }

    bool load_revocations()
    {
        const auto access_life = settings().tokens.access_ttl + settings().tokens.max_ahead;
        const auto standing = stores_.store->standing(clock_.now() - access_life);
        if (!standing) {
            console_.err << "the store does not answer; try again\n";
            return false;
        }
        revocations_.load(*standing, clock_.seconds() + access_life);
        return true;
    }

    /// The one that was given, if it is one.
    bool load_api_key()
    {
        const auto proof = auth::read_api_key(arguments_.token);
        if (!proof) return true;
        const auto key = stores_.store->find_api_key(proof->id.to_string());
        if (!key) {
            console_.err << "the store does not answer; try again\n";
            return false;
        }
        if (*key) api_keys_.put(**key);
        return true;
    }

    std::string route_text(const config::RouteSettings& route) const
    {
        const auto index = &route - settings().routes.data();
        auto text = fmt::format("routes[{}] {} (auth: {})", index, route.match, mode_of(route));
        if (!route.host.empty()) text += fmt::format(" on host {}", route.host);
        return text + fmt::format(" -> {}", route.to);
    }

    void refused(const Refusal& refusal)
    {
        const auto message = refusal.message.empty() ? default_message(refusal.code)
                                                     : std::string_view{refusal.message};
        line("decision", fmt::format("refused with {} {}: {}", status_of(refusal),
                                     to_string(refusal.code), message));
        if (!refusal.reason.empty()) line("reason", refusal.reason);
        if (!refusal.allow.empty()) line("allow", refusal.allow);
        if (!refusal.challenge.empty()) line("challenge", "Bearer " + refusal.challenge);
    }

    int preflight()
    {
        line("decision", "answered by Gatehouse itself");
        line("reason", "a CORS preflight for this route");
        return exit_ok;
    }

    int forwarded(const Admission& admission)
    {
        line("decision", "forwarded");
        line("reason", reason_for(admission));
        const auto& target = runtime_.upstreams[admission.route->upstream];
        line("to", target.endpoints.front().authority);

        std::array<char, 128 * 1024> room{};
        HeadWriter out{room};
        IdSource ids;
        RequestId request_id;
        request_id.renew(ids);
        write_upstream_head(out, head_, admission,
                            {runtime_.policy,
                             ids,
                             "127.0.0.1",
                             false,
                             false,
                             request_id.text(),
                             target.endpoints.front().authority,
                             {},
                             false});
        console_.out << "\nwhat the upstream would get:\n";
        auto rest = out.written();
        while (!rest.empty()) {
            const auto end = rest.find("\r\n");
            if (end == 0 || end == rest.npos) break;
            console_.out << "  " << printable(rest.substr(0, end)) << "\n";
            rest.remove_prefix(end + 2);
        }
        return exit_ok;
    }

    static std::string reason_for(const Admission& admission)
    {
        const auto& route = *admission.route->settings;
        if (route.auth == config::AuthMode::none) return "this route does not look at tokens";
        if (admission.principal == nullptr) return "this route needs no token, and there was none";
        if (!admission.principal->api_key.empty()) {
            return fmt::format("a good API key of user {}", admission.principal->user_id);
        }
        return fmt::format("a good token of user {}", admission.principal->user_id);
    }

    const Arguments& arguments_;
    Console& console_;
    const Runtime runtime_;
    auth::SystemClock clock_;
    auth::RevocationTable revocations_;
    auth::ApiKeyTable api_keys_;
    auth::OpenStores stores_;
    std::unique_ptr<auth::KeyKeeper> keys_;
    std::string bytes_;
    RequestParser parser_;
    RequestHead head_;
    DecisionScratch scratch_;
};

} // namespace

int run_explain(const Arguments& arguments, config::Settings settings, Console& console)
{
    // A line break would end the request line and begin a field that nobody means to explain.
    for (const auto* text : {&arguments.request, &arguments.host, &arguments.token}) {
        if (printable(*text) == *text) continue;
        console.err << "control characters cannot be part of a request\n";
        return exit_usage;
    }
    return Explanation{arguments, std::move(settings), console}.run();
}

} // namespace gatehouse::gateway
