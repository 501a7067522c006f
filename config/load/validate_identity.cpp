#include "config/basics/enforced.hpp"
#include "config/claims/token_claims.hpp"
#include "config/load/owned_headers.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::config {
namespace {

/// Room in the head of a request beside what the client sends.
constexpr std::uint64_t most_header_bytes = 32 * KiB;

/// Looks at what backends learn of a user.
class IdentityJudge {
public:
    IdentityJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
    }

    void judge_all()
    {
        claim_name("identity.header", settings_.identity.header);
        for (std::size_t i = 0; i < settings_.identity.headers.size(); ++i) {
            judge(fmt::format("identity.headers[{}]", i), settings_.identity.headers[i]);
        }
        judge_proof();
        for (std::size_t i = 0; i < settings_.listen.size(); ++i) judge_certificate(i);
    }

private:
    /// Listeners may use a name for the same.
    void judge_certificate(std::size_t listener)
    {
        const auto& tls = settings_.listen[listener].tls;
        if (!tls || !tls->client_certificates) return;
        const auto key = fmt::format("listen[{}].tls.client_certificates.headers.", listener);
        const auto& headers = tls->client_certificates->headers;
        for (const auto& [what, name] : header_names(headers)) {
            const bool known =
                std::ranges::find(told_, std::pair(what, folded_header(*name))) != told_.end();
            if (known || name->empty()) continue;
            claim_name(key + std::string(what), *name);
            told_.emplace_back(what, folded_header(*name));
        }
    }

    void judge_proof()
    {
        const auto& proof = settings_.identity.proof;
        if (!proof) return;
        claim_name("identity.signed.header", proof->header);
        const bool secret = settings_.tokens.algorithm == Algorithm::hs256;
        if (enforced("config.identity_signed_publicly") && secret) {
            error("identity.signed",
                  {"HS256 has no public key, and whoever could check this could forge tokens",
                   "write tokens.algorithm: ES256, or remove this section"});
        }
    }

    void judge(const std::string& key, const ClaimHeader& header)
    {
        claim_name(key + ".name", header.name);
        total_bytes_ += header.max_bytes;
        if (total_bytes_ > most_header_bytes) {
            error(key + (root_has(key + ".max") ? ".max" : ""),
                  {"the values of identity.headers together may be too large for a request",
                   fmt::format("their max may be {} in all", format_size(most_header_bytes))});
        }
        judge_claim(key, header);
    }

    void judge_claim(const std::string& key, const ClaimHeader& header)
    {
        if (header.claim.empty() || report_.blames("auth.contract.claims")) return;
        if (report_.blames(key)) return;
        const auto claim = find_claim(settings_, header.claim);
        if (!claim && is_told_by_others(settings_, header.claim)) return;
        if (!claim) {
            warning(key + ".claim", {fmt::format("no access token has {}: the header is never sent",
                                                 quoted(header.claim)),
                                     "draw it in auth.contract.claims, or name another claim"});
        } else if (!header.join && (claim == TokenClaim::roles || claim == TokenClaim::list)) {
            warning(key + ".claim",
                    {fmt::format("{} is a list, of which only a single element would be sent",
                                 quoted(header.claim)),
                     "say what stands between its elements, for example join: \",\""});
        }
    }

    /// Two fields that a backend could take for one would be one that says two things.
    void claim_name(const std::string& key, const std::string& name)
    {
        if (name.empty() || report_.blames(key)) return;
        auto reading = folded_header(name);
        const bool taken = std::ranges::find(names_, reading) != names_.end();
        if (enforced("config.identity_names_differ") && taken) {
            error(key, {fmt::format("{} is the name of another header, as backends read it",
                                    quoted(nearest_node(root_, key), name)),
                        "give each header a name of its own"});
        }
        names_.push_back(std::move(reading));
    }

    [[nodiscard]] bool root_has(const std::string& key) const
    {
        return nearest_node(root_, key).kind == Node::Kind::scalar;
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
    const Node& root_;
    Report& report_;
    std::vector<std::string> names_;
    std::vector<std::pair<std::string_view, std::string>> told_; // of certificates
    std::uint64_t total_bytes_ = 0;
};

} // namespace

void validate_identity(const Settings& settings, const Node& root, Report& report)
{
    IdentityJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
