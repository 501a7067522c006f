#pragma once

#include "config/settings/settings.hpp"
#include "gateway/limits/limit_book.hpp"
#include "gateway/limits/places.hpp"
#include "gateway/limits/rate_fields.hpp"
#include "gateway/limits/rate_table.hpp"
#include "gateway/observe/traffic.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// One rate as one worker asks it.
struct Rate {
    std::string name;   // in fields of answers
    std::string label;  // in metrics and the log
    std::string policy; // policy_item()
    config::RateBy by{};
    std::string header; // of RateBy::header
    RateTerms terms;
    bool tell = false;
    const RateKeys* keys = nullptr;
    std::shared_ptr<RateTable> table;
    TallyBook<RateCounters>::Held counted;
};

/// What a request for one route has to keep to.
struct RouteLimits {
    /// By address, asked before a token is looked at: checking bad ones is work.
    std::vector<Rate> before_token;
    /// The others, and only those who may come in count: nobody else can use up what is theirs.
    std::vector<Rate> behind_token;
    std::shared_ptr<PlaceCount> in_flight; // null: no limit
    std::uint32_t most_in_flight = 0;

    [[nodiscard]] bool none() const noexcept
    {
        return before_token.empty() && behind_token.empty() && !in_flight;
    }
};

/// Of one generation of settings, as one worker asks them.
class Limits {
public:
    Limits() = default;
    /// `book` outlives it.
    Limits(LimitBook& book, TrafficBook& counts, std::size_t worker,
           const config::Settings& settings);

    /// Null: the route of that number has none.
    [[nodiscard]] const RouteLimits* of(std::size_t route) const noexcept
    {
        if (routes_.empty()) return nullptr;
        const auto& limits = routes_[route];
        return limits.none() ? nullptr : &limits;
    }

    /// No route has any.
    [[nodiscard]] bool empty() const noexcept { return routes_.empty(); }

private:
    std::vector<RouteLimits> routes_; // by their place in the settings; empty: none has any
};

/// One rate of a route, as the settings have it.
struct NamedRate {
    std::string name;  // of `rates`, or what it counts by
    std::string label; // the same, or the route and what it counts by
    config::RateSettings rate;
    std::string id{}; // who counts together: whatever has the same, before and after a reload
};

/// All of a route: first its own, then those it names. No two have one name.
[[nodiscard]] std::vector<NamedRate> rates_of(const config::Settings& settings,
                                              const config::RouteSettings& route);

/// For people: `10 per 1s by user, 20 at once`.
[[nodiscard]] std::string rate_text(const config::RateSettings& rate);

} // namespace gatehouse::gateway
