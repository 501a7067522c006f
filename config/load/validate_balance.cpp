#include "config/basics/enforced.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gatehouse::config {
namespace {

/// Looks at how requests are spread over the endpoints of one upstream after the other.
class BalanceJudge {
public:
    BalanceJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
    }

    void judge_all()
    {
        for (const auto& [name, upstream] : settings_.upstreams) {
            const auto key = fmt::format("upstreams.{}", name);
            judge_weights(upstream, key);
            judge_hash(upstream, key);
            judge_cookie(upstream, key + ".sticky_cookie.name");
            judge_slow_start(upstream, key + ".slow_start");
        }
    }

private:
    void judge_weights(const UpstreamSettings& upstream, const std::string& key)
    {
        const auto weightless = [](const auto& endpoint) { return endpoint.weight == 0; };
        if (upstream.endpoints.empty() || report_.blames(key + ".endpoints")) return;
        if (!std::ranges::all_of(upstream.endpoints, weightless)) return;
        error(key + ".endpoints", {"all weights are 0: no request could go anywhere",
                                   "leave one endpoint a weight of 1 or more"});
    }

    void judge_hash(const UpstreamSettings& upstream, const std::string& key)
    {
        const bool hashes = upstream.balance == Balance::hash;
        if (hashes == !upstream.hash_on.empty() || report_.blames(key + ".hash_on")) return;
        if (report_.blames(key + ".balance")) return;
        if (hashes) {
            error(key + ".balance", {"there is nothing to hash", "add hash_on: user, for example"});
        } else {
            error(key + ".hash_on",
                  {"nothing is hashed here", "write balance: hash, or remove it"});
        }
    }

    /// A cookie that two of us write would be one of them only, and each time the other's.
    void judge_cookie(const UpstreamSettings& upstream, const std::string& key)
    {
        if (!upstream.sticky_cookie || report_.blames(key)) return;
        const auto& name = upstream.sticky_cookie->name;
        const auto& auth = settings_.auth;
        const bool ours = name == device_cookie_name || name == auth.cookie_name ||
                          (auth.has_access_cookie() && name == auth.access_cookie_name) ||
                          (auth.has_access_cookie() && name == auth.csrf_cookie_name);
        if (enforced("config.sticky_cookie_of_its_own") && ours) {
            error(key, {fmt::format("{} is a cookie of Gatehouse itself", shown(key, name)),
                        "choose another name"});
        }
        const auto [other, is_new] = cookies_.emplace(name, key);
        if (is_new) return;
        error(key, {fmt::format("{} is taken by {}", shown(key, name), other->second),
                    "give the cookie of each upstream a name of its own"});
    }

    void judge_slow_start(const UpstreamSettings& upstream, const std::string& key)
    {
        if (upstream.slow_start.count() == 0 || upstream.balance != Balance::hash) return;
        report_.warning(
            nearest_node(root_, key), key,
            {"has no meaning with `balance: hash`, where no share may change", "remove it"});
    }

    [[nodiscard]] std::string shown(const std::string& key, const std::string& value) const
    {
        return quoted(nearest_node(root_, key), value);
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const Settings& settings_;
    const Node& root_;
    Report& report_;
    std::map<std::string, std::string> cookies_; // and whose they are
};

} // namespace

void validate_balance(const Settings& settings, const Node& root, Report& report)
{
    BalanceJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
