// The account pages: their style sheet, what they can speak, and the routes that send browsers
// there.
#include "config/basics/enforced.hpp"
#include "config/environment/read_file.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_css = 64 * KiB;

class PortalJudge {
public:
    PortalJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
    }

    void judge()
    {
        if (settings_.portal.on) judge_contract();
        if (settings_.portal.languages.empty()) {
            report_.error(nearest_node(root_, "portal.languages"), "portal.languages",
                          {"is empty: the pages would have no words",
                           "write at least one, for example [en]"});
        }
        for (std::size_t i = 0; i < settings_.routes.size(); ++i) {
            if (settings_.routes[i].login == LoginAnswer::redirect) {
                judge_route(settings_.routes[i], fmt::format("routes[{}].login", i));
            }
        }
    }

private:
    /// The pages are written for docs/API.md. Where a cookie goes and what status a bad token has
    /// is nothing to them.
    void judge_contract()
    {
        const auto& contract = settings_.auth.contract;
        const ContractSettings usual;
        const auto& members = contract.members;
        blame("errors", contract.errors != usual.errors);
        blame("members", members.username != usual.members.username ||
                             members.email != usual.members.email ||
                             members.password != usual.members.password ||
                             members.refresh_token != usual.members.refresh_token);
        judge_call("register", contract.registration);
        judge_call("login", contract.login);
        judge_call("refresh", contract.refresh);
        judge_call("logout", contract.logout);
        judge_call("me", contract.me);
        judge_call("passkey_register_options", contract.passkey_register_options);
        judge_call("passkey_register", contract.passkey_register);
        judge_call("passkey_login_options", contract.passkey_login_options);
        judge_call("passkey_login", contract.passkey_login);
    }

    void judge_call(std::string_view name, const CallContract& call)
    {
        blame(name, !call.at.empty() || call.success || !call.answer.members.empty());
    }

    void blame(std::string_view name, bool differs)
    {
        if (!differs) return;
        error(fmt::format("auth.contract.{}", name),
              {"the account pages speak the API of docs/API.md alone",
               "remove this, or write `portal: false`"});
    }

    void judge_route(const RouteSettings& route, const std::string& key)
    {
        if (!settings_.portal.on) {
            return error(key, {"there is no page to send anybody to",
                               "write `portal: true` at the left margin, or remove this line"});
        }
        if (enforced("config.login_needs_token") && route.auth != AuthMode::required) {
            return error(key, {"nobody has to be signed in for this route",
                               "write `auth: required`, or remove this line"});
        }
        const bool may_get =
            route.methods.empty() || std::ranges::find(route.methods, "GET") != route.methods.end();
        if (!may_get) {
            return error(key, {"browsers ask for a page with GET, which this route does not take",
                               "remove this line"});
        }
        if (route.session_cookie || settings_.auth.contract.access_cookie) return;
        report_.warning(nearest_node(root_, key), key,
                        {"who has signed in is sent to sign in again: this route takes no token "
                         "from a cookie, and browsers send none in another way",
                         "write `session_cookie: true`"});
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const Settings& settings_;
    const Node& root_;
    Report& report_;
};

} // namespace

void take_portal_css(PortalSettings& portal, const std::string& folder, const Node& root,
                     Report& report)
{
    if (!portal.on || portal.css.empty()) return;
    const std::string key = "portal.css";
    const auto path = (std::filesystem::path{folder} / portal.css).string();
    report.draws_in(path);
    auto content = read_file(path, longest_css);
    if (!content) {
        report.error(nearest_node(root, key), key,
                     {path + " " + content.error().message,
                      "write a style sheet into that file, readable for this user"});
        return;
    }
    portal.css_text = *std::move(content);
}

void validate_portal(const Settings& settings, const Node& root, Report& report)
{
    PortalJudge{settings, root, report}.judge();
}

} // namespace gatehouse::config
