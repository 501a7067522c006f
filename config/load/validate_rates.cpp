#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"
#include "config/load/owned_headers.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::config {
namespace {

/// What a bucket may hold, in time: a day's worth is more than anybody can wait for.
constexpr std::chrono::hours longest_capacity{24};

constexpr std::size_t most_rates = 8; // of a route

class RateJudge {
public:
    RateJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
        for (const auto& [name, rate] : settings.rates) names_.push_back(name);
    }

    void judge_all()
    {
        for (const auto& [name, rate] : settings_.rates) judge(rate, "rates." + name);
        for (std::size_t i = 0; i < settings_.routes.size(); ++i) {
            judge_route(settings_.routes[i], fmt::format("routes[{}]", i));
        }
        for (const auto name : names_) warn_if_unused(name);
        judge_lag(settings_.limits.loop_lag);
    }

private:
    /// Timers ring some 30 ms late on a worker that has nothing to do.
    void judge_lag(std::chrono::milliseconds lag)
    {
        if (lag == 0ms || lag >= 100ms) return;
        error("limits.loop_lag",
              {"cannot be told from a worker at rest", "write 100ms or more, or 0 for never"});
    }

    void judge(const RateSettings& rate, const std::string& key)
    {
        if (report_.blames(key) || rate.requests == 0) return;
        const auto capacity = rate.per * static_cast<double>(rate.at_once()) / rate.requests;
        if (capacity > longest_capacity) {
            error(key + ".burst", {"takes more than a day to come back",
                                   "write a smaller burst, or more requests for each `per`"});
        }
        warn_if_client_chooses(rate, key + ".by");
        const bool alone = !is_postgres(settings_.store) && settings_.sessions.store.empty();
        if (rate.shared && alone) {
            warning(key + ".shared", {"no other gateway can count in this store: this one counts "
                                      "by itself",
                                      "remove the line, or keep sessions in Redis or the store in "
                                      "PostgreSQL"});
        }
    }

    /// Rates are asked before the fields of the gateway's own are written.
    void warn_if_client_chooses(const RateSettings& rate, const std::string& key)
    {
        const auto by = rate_key_of(rate.by);
        if (by.by != RateBy::header) return;
        const auto instead = counted_instead(settings_, by.header);
        if (!instead) return;
        warning(key, {fmt::format("counts by what clients write into {}, who get round it by "
                                  "writing another value each time",
                                  by.header),
                      fmt::format("write `by: {}`", *instead)});
    }

    void judge_route(const RouteSettings& route, const std::string& key)
    {
        if (route.rate.size() + route.rates.size() > most_rates) {
            error(key, {fmt::format("has more than {} rates", most_rates),
                        "each request is asked by all of them; keep those that matter"});
        }
        for (std::size_t i = 0; i < route.rate.size(); ++i) {
            const auto place = fmt::format("{}.rate[{}]", key, i);
            judge(route.rate[i], place);
            warn_if_unknown_user(route, route.rate[i], place + ".by");
        }
        for (std::size_t i = 0; i < route.rates.size(); ++i) {
            const auto place = fmt::format("{}.rates[{}]", key, i);
            const auto named = settings_.rates.find(route.rates[i]);
            if (named != settings_.rates.end()) {
                warn_if_unknown_user(route, named->second, place);
            } else {
                refuse_name(route.rates[i], place);
            }
        }
    }

    void refuse_name(const std::string& name, const std::string& key)
    {
        const auto hint = names_.empty() ? "add it below `rates:`" : nearest_hint(name, names_);
        error(key, {fmt::format("{} is no rate", quoted(nearest_node(root_, key), name)), hint});
    }

    void warn_if_unknown_user(const RouteSettings& route, const RateSettings& rate,
                              const std::string& key)
    {
        const auto by = rate_key_of(rate.by).by;
        const bool asks_who = by == RateBy::user || by == RateBy::session;
        if (!asks_who || route.auth != AuthMode::none || report_.blames(key)) return;
        warning(key, {"this route looks at no token: everybody counts by address",
                      "write `by: address`, or `auth: optional`"});
    }

    void warn_if_unused(std::string_view name)
    {
        const auto key = fmt::format("rates.{}", name);
        const bool used = std::ranges::any_of(settings_.routes, [&](const RouteSettings& route) {
            return std::ranges::find(route.rates, name) != route.rates.end();
        });
        if (used || report_.blames(key)) return;
        warning(key, {"no route has this rate", "name it in a route's `rates`"});
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    void warning(const std::string& key, const Problem& problem)
    {
        report_.warning(nearest_node(root_, key), key, problem);
    }

    const Settings& settings_;
    const Node& root_;
    Report& report_;
    std::vector<std::string_view> names_;
};

} // namespace

void validate_rates(const Settings& settings, const Node& root, Report& report)
{
    RateJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
