#include "config/basics/enforced.hpp"
#include "config/forms/call_place.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace gatehouse::config {
namespace {

// Others mean something to every client, proxy and cache on the way: 408 repeats, 429 waits.
constexpr std::array<std::uint32_t, 3> successes{200, 201, 204};
constexpr std::array<std::uint32_t, 6> refusals{400, 401, 403, 404, 409, 422};

template <class Each>
void each_call(const ContractSettings& contract, Each each)
{
    each("register", contract.registration);
    each("login", contract.login);
    each("refresh", contract.refresh);
    each("logout", contract.logout);
    each("me", contract.me);
    each("passkey_register_options", contract.passkey_register_options);
    each("passkey_register", contract.passkey_register);
    each("passkey_login_options", contract.passkey_login_options);
    each("passkey_login", contract.passkey_login);
}

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
        each_call(contract_, [this](const std::string& name, const CallContract& call) {
            judge_call(name, call);
        });
        judge_places();
        judge_members();
        judge_cookie();
        judge_claims();
        judge_statuses();
        judge_tokens("register", contract_.registration);
        judge_tokens("login", contract_.login);
        judge_tokens("refresh", contract_.refresh);
        judge_user_alone("me", contract_.me);
        judge_fills("passkey_register", contract_.passkey_register, [](Fill fill) {
            return fill != Fill::id && fill != Fill::role && fill != Fill::roles &&
                   fill != Fill::yes;
        });
        judge_tokens("passkey_login", contract_.passkey_login);
        judge_nobody("logout", contract_.logout);
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

    void judge_user_alone(const std::string& call, const CallContract& contract)
    {
        judge_fills(call, contract, [](Fill fill) { return !may_show({.tokens = false}, fill); });
    }

    void judge_nobody(const std::string& call, const CallContract& contract)
    {
        judge_fills(call, contract, [](Fill fill) { return fill != Fill::yes; });
    }

    template <class Unknown>
    void judge_fills(const std::string& call, const CallContract& contract, Unknown unknown)
    {
        for (const auto& word : words(Fill{})) {
            if (!unknown(word.value) || !contract.answer.shows(word.value)) continue;
            error(call + ".answer", {fmt::format("${} is not known in this answer", word.text),
                                     "write texts alone, for example {message: Cookie cleared}"});
        }
    }

    /// Every place of a call, and no place of two.
    void judge_places()
    {
        std::map<std::string, std::string> taken; // by place
        each_call(contract_, [&](const std::string& call, const CallContract& contract) {
            for (std::size_t i = 0; i < contract.at.size(); ++i) {
                const auto key = fmt::format("{}.at[{}]", call, i);
                if (contract.at[i].ends_with(" /.well-known/jwks.json")) {
                    error(key, {"the public keys are there", "choose another path"});
                }
                const auto [other, is_new] = taken.emplace(contract.at[i], call);
                if (!is_new) {
                    error(key, {fmt::format("{} is where {} is", contract.at[i], other->second),
                                "give each call a place of its own"});
                }
            }
        });
    }

    void judge_members()
    {
        const auto& members = contract_.members;
        const std::pair<const char*, const std::string*> all[] = {
            {"username",      &members.username     },
            {"email",         &members.email        },
            {"password",      &members.password     },
            {"refresh_token", &members.refresh_token},
        };
        std::map<std::string_view, const char*> taken;
        for (const auto& [name, value] : all) {
            const auto [other, is_new] = taken.emplace(*value, name);
            if (is_new) continue;
            error(fmt::format("members.{}", name),
                  {fmt::format("{} is called so too", other->second), "choose another name"});
        }
    }

    /// Cookies of one name would overwrite each other, and routes need the path that covers them.
    void judge_access_cookie(const std::string& path)
    {
        const std::pair<const char*, const std::string*> names[] = {
            {"auth.cookie_name",        &auth_.cookie_name       },
            {"auth.access_cookie_name", &auth_.access_cookie_name},
            {"auth.csrf_cookie_name",   &auth_.csrf_cookie_name  },
        };
        std::map<std::string_view, const char*> taken{
            {device_cookie_name, "the cookie by which browsers are known"}
        };
        for (const auto& [key, name] : names) {
            const auto [other, is_new] = taken.emplace(*name, key);
            if (is_new) continue;
            blame(key, {fmt::format("{} is called so too", other->second), "choose another name"});
        }
        if (path != "/") {
            error("cookie.path",
                  {"browsers would not send the access token to routes", "write `path: /`"});
        }
    }

    /// Browsers drop a `__Host-` cookie that is not for the whole host.
    void judge_cookie_prefix(const std::string& path)
    {
        if (path == "/" || !auth_.cookie_name.starts_with("__Host-")) return;
        blame("auth.cookie_name",
              {fmt::format("browsers take no __Host- cookie for {} alone", path),
               "write `path: /` below auth.contract.cookie"});
    }

    void judge_cookie()
    {
        const auto path = auth_.cookie_path();
        if (auth_.has_access_cookie()) judge_access_cookie(path);
        judge_cookie_prefix(path);
        if (auth_.delivery == Delivery::body) {
            if (!contract_.access_cookie) return;
            error("access_cookie", {"needs a session whose tokens travel in cookies",
                                    "write `delivery: cookie` below auth"});
            return;
        }
        const auto& cookie = contract_.cookie;
        for (const auto& [call, contract] : {
                 std::pair<const char*, const CallContract*>{"refresh", &contract_.refresh},
                 {"logout",  &contract_.logout }
        }) {
            for (const auto& text : contract->at) {
                const auto place = parse_call_place(text);
                if (!place || is_in_cookie_path(place->path, path)) continue;
                error("cookie.path", {fmt::format("browsers would not send the cookie to {}", text),
                                      "write `path: /`"});
            }
        }
        if (cookie.same_site == SameSite::none && auth_.origins.empty()) {
            const std::string key = "auth.contract.cookie.same_site";
            report_.warning(nearest_node(root_, key), key,
                            {"is for pages of other sites, and none of them may use the cookie",
                             "list their origins as auth.origins"});
        }
    }

    /// A claim that we read ourselves says what we say.
    void judge_claims()
    {
        constexpr auto own =
            std::to_array<std::string_view>({"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "sid",
                                             "gen", "roles", "scope", "auth_time", "amr"});
        for (const auto& member : contract_.claims.members) {
            const bool taken = std::ranges::find(own, member.name) != own.end();
            if (!enforced("config.own_claims") || !taken) continue;
            error("claims." + member.name, {"Gatehouse writes this claim itself",
                                            "choose another name, for example UserInfo"});
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
        blame("auth.contract." + below, std::move(problem));
    }

    void blame(const std::string& key, Problem problem)
    {
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
