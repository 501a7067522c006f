#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace gatehouse::config {
namespace {

// Others mean something to every client, proxy and cache on the way: 408 repeats, 429 waits.
constexpr std::array<std::uint32_t, 3> successes{200, 201, 204};
constexpr std::array<std::uint32_t, 6> refusals{400, 401, 403, 404, 409, 422};

/// Looks at whether a contract can be kept.
class ContractJudge {
public:
    ContractJudge(const Settings& settings, const Node& root, Report& report)
        : auth_(settings.auth),
          contract_(settings.auth.contract),
          root_(root),
          report_(report)
    {
    }

    void judge_all()
    {
        judge_call("register", contract_.registration);
        judge_call("login", contract_.login);
        judge_call("refresh", contract_.refresh);
        judge_call("logout", contract_.logout);
        judge_statuses();
        judge_tokens("register", contract_.registration);
        judge_tokens("login", contract_.login);
        judge_tokens("refresh", contract_.refresh);
        judge_no_tokens("logout", contract_.logout);
        warn_of_unknown_user();
    }

private:
    void judge_call(const std::string& call, const CallContract& contract)
    {
        want_one_of(call + ".success", contract.success, successes);
        if (contract.success == 204 && !contract.answer.members.empty()) {
            error(call + ".success",
                  {"204 has no body, and an answer is drawn", "write 200, or remove the answer"});
        }
    }

    void judge_statuses()
    {
        want_one_of("register.invalid", contract_.registration.invalid, refusals);
        want_one_of("register.name_taken", contract_.registration.name_taken, refusals);
        want_one_of("login.invalid", contract_.login.invalid, refusals);
        want_one_of("login.bad_credentials", contract_.login.bad_credentials, refusals);
        want_one_of("login.unknown_user", contract_.login.unknown_user, refusals);
        want_one_of("refresh.missing_token", contract_.refresh.missing_token, refusals);
        want_one_of("refresh.bad_token", contract_.refresh.bad_token, refusals);
        want_logout("logout.missing_token", contract_.logout.missing_token);
        want_logout("logout.bad_token", contract_.logout.bad_token);
    }

    void want_logout(const std::string& key, std::optional<std::uint32_t> status)
    {
        if (status && *status < 300) return want_one_of(key, status, successes);
        want_one_of(key, status, refusals);
    }

    void want_one_of(const std::string& key, std::optional<std::uint32_t> status,
                     std::span<const std::uint32_t> allowed)
    {
        if (!status || std::ranges::find(allowed, *status) != allowed.end()) return;
        std::string list;
        for (const auto each : allowed) list += fmt::format("{}{}", list.empty() ? "" : ", ", each);
        error(key, {fmt::format("{} is no status for this", *status), "allowed: " + list});
    }

    /// A pair that nobody gets to see would be a session nobody can use.
    void judge_tokens(const std::string& call, const CallContract& contract)
    {
        const auto key = call + ".answer";
        if (contract.answer.members.empty()) return;
        const bool shown = contract.answer.shows(Fill::refresh_token);
        if (shown && auth_.delivery == Delivery::cookie) {
            error(key, {"$refresh_token is not there: auth.delivery is cookie",
                        "remove it, or write `delivery: both`"});
        }
        if (!shown && auth_.delivery != Delivery::cookie && call != "register") {
            error(key, {"nobody would get the refresh token",
                        "write $refresh_token somewhere, or `delivery: cookie` below auth"});
        }
    }

    void judge_no_tokens(const std::string& call, const CallContract& contract)
    {
        for (const auto& word : words(Fill{})) {
            if (!contract.answer.shows(word.value)) continue;
            error(call + ".answer", {fmt::format("${} is not known in this answer", word.text),
                                     "write texts alone, for example {message: Cookie cleared}"});
        }
    }

    void warn_of_unknown_user()
    {
        const auto& login = contract_.login;
        if (!login.unknown_user) return;
        const std::string key = "auth.contract.login.unknown_user";
        report_.warning(nearest_node(root_, key), key,
                        {"the answer to a login tells strangers who has an account here",
                         "remove the line, if the front end can do without"});
    }

    void error(const std::string& below, Problem problem)
    {
        const auto key = "auth.contract." + below;
        if (!report_.blames(key)) report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const AuthApiSettings& auth_;
    const ContractSettings& contract_;
    const Node& root_;
    Report& report_;
};

} // namespace

void validate_contract(const Settings& settings, const Node& root, Report& report)
{
    ContractJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
