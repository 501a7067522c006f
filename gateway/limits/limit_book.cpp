#include "gateway/limits/limit_book.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

/// So long after the last refusal it is over: shorter pauses are part of one and the same rush.
constexpr std::chrono::seconds quiet_for{5};

/// The one of that name, or a new one by `make`.
template <class T, class Make>
std::shared_ptr<T> held(std::map<std::string, std::weak_ptr<T>>& all, const std::string& name,
                        const Make& make)
{
    std::erase_if(all, [](const auto& entry) { return entry.second.expired(); });
    auto& place = all[name];
    auto found = place.lock();
    if (!found) place = found = make();
    return found;
}

/// What a table says is true of requests that come back so fast: of another rate it would say to
/// wait for as long as the old one took. Another burst leaves it as it is.
std::string table_name(const std::string& id, const RateTerms& terms)
{
    return id + '/' + std::to_string(terms.each.count());
}

} // namespace

std::shared_ptr<RateTable> LimitBook::table(const config::RateSettings& rate, const std::string& id)
{
    const bool is_shared = rate.shared && shared_keys_;
    const bool one_key = config::rate_key_of(rate.by).by == config::RateBy::route;
    const auto sets = one_key ? 1 : RateTable::usual_sets;
    const auto kind = is_shared ? RateTable::Kind::shared : RateTable::Kind::own;
    const auto name = is_shared ? id + " shared" : id;
    const auto terms = RateTerms::of(rate);
    const std::scoped_lock lock(mutex_);
    auto table = held(tables_, table_name(name, terms),
                      [&] { return std::make_shared<RateTable>(sets, kind); });
    if (is_shared) shared_[name] = terms;
    return table;
}

std::vector<LimitBook::SharedRate> LimitBook::shared_rates()
{
    const std::scoped_lock lock(mutex_);
    std::vector<SharedRate> all;
    std::erase_if(shared_, [&](const auto& entry) {
        const auto found = tables_.find(table_name(entry.first, entry.second));
        auto table = found == tables_.end() ? nullptr : found->second.lock();
        if (table) all.push_back({entry.first, entry.second, std::move(table)});
        return all.empty() || all.back().id != entry.first;
    });
    return all;
}

std::shared_ptr<PlaceCount> LimitBook::places(const std::string& route)
{
    const std::scoped_lock lock(mutex_);
    return held(places_, route, [] { return std::make_shared<PlaceCount>(0); });
}

bool LimitBook::sheds(Time now) const noexcept
{
    const auto last = shed_at_.load(std::memory_order_relaxed);
    return last != Time::min() && now - last < quiet_for;
}

} // namespace gatehouse::gateway
