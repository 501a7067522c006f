#include "gateway/command/explain.hpp"

#include "auth/apikeys/api_key_table.hpp"
#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/revocation_life.hpp"
#include "auth/store/open_stores.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/open_keys.hpp"
#include "gateway/command/certificate_file.hpp"
#include "gateway/command/words.hpp"
#include "gateway/headers/networks.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/issuers/issuer_watch.hpp"
#include "gateway/pipeline/credential.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/pipeline/explained.hpp"
#include "gateway/runtime/rooms.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

/// `'GET /orders/7'`; GET may be left out.
Question question_of(const Arguments& arguments)
{
    const auto& request = arguments.request;
    const auto blank = request.find(' ');
    const bool has_method = blank != std::string::npos;
    return {has_method ? request.substr(0, blank) : "GET",
            has_method ? request.substr(blank + 1) : request,
            arguments.host,
            arguments.token,
            arguments.peer,
            arguments.fields};
}

/// The token that the request will show: that of --token, or of a field; empty without one.
std::string_view token_of(const Arguments& arguments, const config::Settings& settings)
{
    if (!arguments.token.empty()) return arguments.token;
    std::vector<Field> fields;
    for (const std::string_view field : arguments.fields) {
        const auto colon = field.find(':');
        if (colon == field.npos) continue; // refused when the request is read
        fields.push_back({field.substr(0, colon), trimmed(field.substr(colon + 1))});
    }
    const auto shown = credential_of_handshake(fields, settings.auth.access_cookie_name);
    return shown ? shown->token : std::string_view{};
}

class ExplainCommand {
public:
    ExplainCommand(const Arguments& arguments, config::Settings settings, Console& console)
        : arguments_(arguments),
          console_(console),
          runtime_(std::move(settings), nullptr),
          token_(token_of(arguments, runtime_.settings))
    {
    }

    int run()
    {
        auto question = question_of(arguments_);
        if (!arguments_.certificate.empty() && !show_certificate(question)) return exit_failed;
        line("request",
             fmt::format("{} {} for host {}", question.method, question.target, question.host));
        const auto told = explain(question, runtime_, clock_.seconds(), [this] { return rooms(); });
        if (!told) return exit_failed;
        print(*told);
        return exit_ok;
    }

private:
    [[nodiscard]] const config::Settings& settings() const { return runtime_.settings; }

    bool show_certificate(Question& question)
    {
        const auto certificate = read_certificate_file(arguments_.certificate);
        if (!certificate) {
            console_.err << printable(certificate.error()) << "\n";
            return false;
        }
        question.certificate = describe_certificate(**certificate);
        return question.certificate.has_value();
    }

    void line(std::string_view name, std::string_view value)
    {
        console_.out << fmt::format("{:9} {}\n", fmt::format("{}:", name), printable(value));
    }

    /// What requests are decided with here; null: it has been said why there is nothing.
    const DecisionRooms* rooms()
    {
        if (!open_keys()) return nullptr;
        authenticator_.emplace(settings().tokens, revocations_, keys_->ring(),
                               auth::TokenCache::default_entries, auth::ClaimQuestions(settings()),
                               proof_life_of(settings()));
        authenticator_->take_api_keys(api_keys_);
        authenticator_->take_issuers(runtime_.issuers, keys_of_issuer());
        return &rooms_.emplace(DecisionRooms{runtime_.router, *authenticator_, false,
                                             settings().auth, nullptr, false,
                                             proof_of(settings())});
    }

    /// Of the one that the token names, if its keys are fetched. Nobody else is asked.
    auth::FetchedKeys keys_of_issuer()
    {
        auth::FetchedKeys fetched;
        const auto claimed = auth::claimed_issuer(token_);
        for (const auto& [name, issuer] : settings().issuers) {
            if (issuer.issuer != claimed) continue;
            line("issuer", fmt::format("{} ({})", name, issuer.issuer));
            if (!issuer.is_fetched()) continue;
            KeyFetch fetch;
            auto answer = ask_issuer(fetch, issuer, [] { return false; });
            if (answer.keys) {
                fetched[auth::key_source_of(issuer)] = std::move(answer.keys);
            } else {
                line("keys", "cannot be fetched: " + answer.why);
            }
        }
        return fetched;
    }

    /// Keys and revocations as the gateway has them. Without a token nobody asks for them, and a
    /// look at a configuration should not make files.
    bool open_keys()
    {
        if (token_.empty() || settings().store == "memory") {
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
        const auto standing = auth::standing_of_stores(stores_, settings(), clock_.now());
        if (!standing) {
            console_.err << "the store does not answer; try again\n";
            return false;
        }
        revocations_.load(*standing, auth::refused_until(settings().tokens, clock_.seconds()));
        return true;
    }

    /// The one that was given, if it is one.
    bool load_api_key()
    {
        const auto proof = auth::read_api_key(token_);
        if (!proof) return true;
        const auto key = stores_.store->find_api_key(proof->id.to_string());
        if (!key) {
            console_.err << "the store does not answer; try again\n";
            return false;
        }
        if (*key) api_keys_.put(**key);
        return true;
    }

    void print(const Explained& told)
    {
        if (!told.client.peer.empty()) {
            line("peer", fmt::format("{}, {}", told.client.peer,
                                     told.client.trusted ? "trusted" : "not trusted"));
            line("client", fmt::format("{} by {}: {}", told.client.address, told.client.scheme,
                                       told.client.reason));
        }
        if (!told.certificate.empty()) line("shown", told.certificate);
        if (!told.path.empty()) line("path", told.path);
        if (told.decided) {
            line("route", told.route ? route_text(settings(), *told.route) : "none");
        }
        for (const auto& limit : told.limits) line("limit", limit);
        switch (told.outcome) {
        case Explained::Outcome::refused:
            return refused(told);
        case Explained::Outcome::answered:
            line("decision", "answered by Gatehouse itself");
            line("reason", told.reason);
            would_refuse(told);
            if (!told.to.empty()) line("to", told.to);
            return;
        case Explained::Outcome::forwarded:
            line("decision", "forwarded");
            line("reason", told.reason);
            would_refuse(told);
            line("to", told.to);
            line("upgrade", settings().routes[*told.route].websocket
                                ? "to WebSocket passes"
                                : "never: websocket is false at this route");
            break;
        }
        console_.out << "\nwhat the upstream would get:\n";
        for (const auto& each : told.head) console_.out << "  " << printable(each) << "\n";
    }

    void would_refuse(const Explained& told)
    {
        if (!told.would_refuse.empty())
            line("report", "would have been refused with " + told.would_refuse);
    }

    void refused(const Explained& told)
    {
        const auto& refusal = told.refusal;
        const auto message = refusal.message.empty() ? default_message(refusal.code)
                                                     : std::string_view{refusal.message};
        line("decision", fmt::format("refused with {} {}: {}", status_of(refusal),
                                     to_string(refusal.code), message));
        if (!told.reason.empty()) line("reason", told.reason);
        if (!refusal.allow.empty()) line("allow", refusal.allow);
        if (!refusal.challenge.empty()) line("challenge", "Bearer " + refusal.challenge);
        if (!told.sign_in.empty()) line("browsers", "sent to " + told.sign_in);
    }

    const Arguments& arguments_;
    Console& console_;
    const Runtime runtime_;
    const std::string_view token_; // of the arguments
    auth::SystemClock clock_;
    auth::RevocationTable revocations_;
    auth::ApiKeyTable api_keys_;
    auth::OpenStores stores_;
    std::unique_ptr<auth::KeyKeeper> keys_;
    std::optional<auth::Authenticator> authenticator_;
    std::optional<DecisionRooms> rooms_;
};

} // namespace

int run_explain(const Arguments& arguments, config::Settings settings, Console& console)
{
    // A line break would end the request line and begin a field that nobody means to explain.
    std::vector<const std::string*> texts{&arguments.request, &arguments.host, &arguments.token,
                                          &arguments.peer};
    for (const auto& field : arguments.fields) texts.push_back(&field);
    for (const auto* text : texts) {
        if (printable(*text) == *text) continue;
        console.err << "control characters cannot be part of a request\n";
        return exit_usage;
    }
    if (!is_address(arguments.peer)) {
        console.err << fmt::format("--peer: \"{}\" is not an address\n", arguments.peer)
                    << "  hint: write the IP address that connects, for example 10.0.0.1\n";
        return exit_usage;
    }
    return ExplainCommand{arguments, std::move(settings), console}.run();
}

} // namespace gatehouse::gateway
