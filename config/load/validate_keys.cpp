#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"
#include "config/scalars/scalars.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

/// Retired keys are kept, searched and published until no token needs them.
constexpr std::int64_t most_retired_keys = 400; // a year of refresh tokens, a key each day

constexpr auto make_one = "make one with `openssl rand -base64 48`, the same for every gateway";

/// Looks at where the keys are kept and how they change.
class KeysJudge {
public:
    KeysJudge(const Settings& settings, const Node& root, Report& report)
        : tokens_(settings.tokens),
          second_factor_(settings.second_factor),
          can_seal_(can_seal_totp(settings)),
          store_(settings.store),
          root_(root),
          report_(report)
    {
    }

    void judge_all()
    {
        judge_sealing_secret();
        judge_place();
        judge_second_factor();
        judge_schedule();
    }

private:
    void judge_sealing_secret()
    {
        const auto& current = tokens_.sealing_secret;
        const bool from_file = !tokens_.sealing_file.empty();
        if (from_file && report_.blames("tokens.sealing_file")) return; // it was not read
        if (from_file || !current.empty()) {
            want_long(current, from_file ? "the secret in that file" : "SEALING_SECRET");
        } else if (!tokens_.sealing_secrets_previous.empty()) {
            error("tokens.sealing_file",
                  {"SEALING_SECRET_PREVIOUS is set, and SEALING_SECRET is not", make_one});
        }
        for (const auto& secret : tokens_.sealing_secrets_previous) {
            want_long(secret, "a value of SEALING_SECRET_PREVIOUS");
        }
    }

    void judge_second_factor()
    {
        const auto& own = second_factor_.sealing_secret;
        constexpr auto key = "second_factor.sealing_file";
        if (report_.blames(key)) return;
        if (enforced("config.totp_secret_length") && !second_factor_.sealing_file.empty() &&
            own.size() < secret_least_bytes) {
            error(key, {fmt::format("the secret in that file has less than {} bytes",
                                    secret_least_bytes),
                        make_one});
        }
        if (second_factor_.totp == TotpMode::on && !can_seal_) {
            error("second_factor.totp",
                  {"gateways that share a store need a secret to seal second factors under",
                   "set SEALING_SECRET or name second_factor.sealing_file, the same for every "
                   "gateway"});
        }
    }

    void want_long(const Secret& secret, std::string_view name)
    {
        if (enforced("config.sealing_secret_length") && secret.size() < secret_least_bytes) {
            error("tokens.sealing_file",
                  {fmt::format("{} has less than {} bytes", name, secret_least_bytes), make_one});
        }
    }

    void judge_place()
    {
        const bool file = !tokens_.keys_file.empty();
        const bool directory = !tokens_.keys_directory.empty();
        const bool sealed = !tokens_.sealing_secret.empty();
        const bool secrets = tokens_.algorithm == Algorithm::hs256;
        if (file && directory) {
            error("tokens.keys_directory", {"keys cannot be in tokens.keys_file too",
                                            "keep the one that every gateway can read"});
        }
        if (sealed && (file || directory || secrets)) {
            warning("tokens.sealing_file",
                    {"a sealing secret is set, but the signing keys are not in the store",
                     "remove tokens.keys_file or tokens.keys_directory, or unset the secret"});
        }
        const bool any = file || directory || sealed || secrets ||
                         report_.blames("tokens.sealing_file"); // one message is enough
        if (enforced("config.shared_keys") && is_postgres(store_) && !any) {
            error("tokens.sealing_file",
                  {"is missing: gateways that share a store share their signing keys, and the "
                   "store keeps them only under a secret",
                   "set SEALING_SECRET (`openssl rand -base64 48`), the same for every gateway; "
                   "or name tokens.keys_directory or tokens.keys_file"});
        }
    }

    void judge_schedule()
    {
        const auto every = tokens_.rotate_every;
        if (every.count() == 0) return;
        if (tokens_.algorithm == Algorithm::hs256 || !tokens_.keys_directory.empty()) {
            warning("tokens.rotate_every", {"these keys come from elsewhere and stay as they are",
                                            "change them where they come from"});
            return;
        }
        if (every < tokens_.publish_ahead) {
            error("tokens.rotate_every",
                  {"is shorter than tokens.publish_ahead: no key would be known long enough",
                   fmt::format("tokens.publish_ahead is {}",
                               format_duration(tokens_.publish_ahead))});
            return;
        }
        const auto longest = std::max(tokens_.refresh_ttl, tokens_.access_ttl);
        if ((longest + tokens_.retired_margin) / every > most_retired_keys) {
            error("tokens.rotate_every",
                  {fmt::format("would keep more than {} retired keys, as tokens live {}",
                               most_retired_keys, format_duration(longest)),
                   "rotate less often; 30d is usual"});
        }
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    void warning(const std::string& key, Problem problem)
    {
        const auto& node = nearest_node(root_, key);
        if (&node == &root_) return report_.warning(key, std::move(problem));
        report_.warning(node, key, std::move(problem));
    }

    const TokenSettings& tokens_;
    const SecondFactorSettings& second_factor_;
    const bool can_seal_;
    const std::string& store_;
    const Node& root_;
    Report& report_;
};

} // namespace

void validate_keys(const Settings& settings, const Node& root, Report& report)
{
    KeysJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
