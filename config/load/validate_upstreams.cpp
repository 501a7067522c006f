// What the keys of one upstream have to do with each other.
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

class UpstreamJudge {
public:
    UpstreamJudge(std::string key, const UpstreamSettings& upstream, const Node& root,
                  Report& report)
        : key_(std::move(key)),
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
        if (upstream_.retry.backoff > upstream_.retry.most) {
            error("retry.backoff", {"is longer than retry.most", "the first wait is the shortest"});
        }
        judge_health();
        judge_timeout();
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

    void error(std::string_view name, Problem problem)
    {
        const auto key = fmt::format("{}.{}", key_, name);
        if (report_.blames(key)) return;
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const std::string key_;
    const UpstreamSettings& upstream_;
    const Node& root_;
    Report& report_;
};

} // namespace

void validate_upstreams(const Settings& settings, const Node& root, Report& report)
{
    for (const auto& [name, upstream] : settings.upstreams) {
        UpstreamJudge{"upstreams." + name, upstream, root, report}.judge();
    }
}

} // namespace gatehouse::config
