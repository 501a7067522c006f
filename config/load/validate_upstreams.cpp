// What the keys of one upstream have to do with each other.
#include "config/forms/address.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

class UpstreamJudge {
public:
    UpstreamJudge(std::string key, const Settings& settings, const UpstreamSettings& upstream,
                  const Node& root, Report& report)
        : key_(std::move(key)),
          settings_(settings),
          upstream_(upstream),
          root_(root),
          report_(report)
    {
    }

    void judge()
    {
        if (upstream_.ejection.base > upstream_.ejection.most) {
            error("ejection.base",
                  {"is longer than ejection.most", "the first time is the shortest"});
        }
        if (upstream_.health.statuses.empty()) {
            error("health.statuses", {"is empty: no answer would be good",
                                      "write those that are, or remove the line for 2xx"});
        }
        if (upstream_.retry.attempts > 0 && upstream_.retry.on.empty()) {
            error("retry.on", {"is empty: nothing would be tried again",
                               "write after what, for example [connect], or attempts: 0"});
        }
        if (upstream_.retry.backoff > upstream_.retry.most) {
            error("retry.backoff", {"is longer than retry.most", "the first wait is the shortest"});
        }
        judge_health();
        judge_timeout();
        judge_budget();
    }

private:
    void judge_health()
    {
        const auto& health = upstream_.health;
        const auto& written = nearest_node(root_, key_ + ".health");
        const bool stands_there = &written != &nearest_node(root_, key_);
        if (!health.is_on() && stands_there) {
            report_.warning(written, key_ + ".health",
                            {"has no path: nobody asks how the endpoints are",
                             "write what they are asked for, for example path: /healthz"});
        }
        if (health.is_on() && health.timeout > health.interval) {
            error("health.timeout",
                  {"is longer than health.interval", "an answer comes before the next question"});
        }
    }

    /// The time for one endpoint is all there is: none would be left for another.
    void judge_timeout()
    {
        const auto& retry = upstream_.retry;
        if (std::ranges::find(retry.on, "timeout") == retry.on.end() || retry.each) return;
        error("retry.on", {"has `timeout`, and retry.each does not say how long one endpoint may "
                           "take",
                           "write for example each: 2s"});
    }

    void judge_budget()
    {
        if (!upstream_.budget) return;
        const auto& budget = *upstream_.budget;
        if (budget.requests == 0 && !budget.obey) {
            error("budget", {"limits nothing: there is no number, and what the service says is not "
                             "obeyed",
                             "write how many it allows, for example requests: 1000"});
        }
        if (!budget.shared) return;
        if (budget.requests == 0) {
            error("budget.shared", {"shares nothing: there is no number",
                                    "write how many all gateways may send, for example requests: "
                                    "1000"});
        } else if (!is_postgres(settings_.store) && settings_.sessions.store.empty()) {
            const auto key = key_ + ".budget.shared";
            report_.warning(nearest_node(root_, key), key,
                            {"no other gateway can take its part from this store: this one has "
                             "all of it",
                             "remove the line, or keep sessions in Redis or the store in "
                             "PostgreSQL"});
        }
    }

    void error(std::string_view name, Problem problem)
    {
        const auto key = fmt::format("{}.{}", key_, name);
        if (report_.blames(key)) return;
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const std::string key_;
    const Settings& settings_;
    const UpstreamSettings& upstream_;
    const Node& root_;
    Report& report_;
};

} // namespace

void validate_upstreams(const Settings& settings, const Node& root, Report& report)
{
    for (const auto& [name, upstream] : settings.upstreams) {
        UpstreamJudge{"upstreams." + name, settings, upstream, root, report}.judge();
    }
}

} // namespace gatehouse::config
