#include "gateway/limits/rate_exchange.hpp"

#include "auth/throttle/state_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr auto round_every = 200ms;
/// How often it is looked whether a reload has brought such a rate.
constexpr auto idle_look = 1s;
constexpr auto longest_pause = 5s;

/// Keys of one call: in PostgreSQL their rows are locked together, for a moment.
constexpr std::size_t keys_of_a_call = 64;

/// How far ahead of its clock a store's state may be: many gateways that each let a full burst
/// through come to some of them. Beyond that the clock was set back, and nobody should wait for it.
nanoseconds furthest(const RateTerms& terms)
{
    return 16 * terms.most + 10s;
}

/// Unlike any name of the throttle's: those are 16 digits.
std::string name_of(const RateKeys& keys, const LimitBook::SharedRate& rate, std::uint64_t key)
{
    return fmt::format("rate:{:016x}", keys.of('x', fmt::format("{:016x} {}", key, rate.id)));
}

RateTime now_here()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

nanoseconds add_to_shared(std::string& text, const RateTerms& terms, auth::Millis now,
                          std::uint32_t requests)
{
    auth::BucketState state;
    if (!auth::read_text(text, state)) state = {};
    // Compared in microseconds: whatever stands there is one of those.
    const microseconds here = now.time_since_epoch();
    const auto most = here + std::chrono::ceil<microseconds>(furthest(terms));
    const auto had = std::clamp(microseconds(state.full_at_us), here, most);
    const auto full_at = after_requests(terms, had, here, requests);
    state.full_at_us = std::chrono::ceil<microseconds>(full_at).count();
    text = auth::to_text(state);
    return full_at - here;
}

RateExchange::~RateExchange()
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void RateExchange::start()
{
    thread_ = std::thread([this] { run(); });
}

void RateExchange::run()
{
    std::chrono::milliseconds pause = round_every;
    std::unique_lock lock(mutex_);
    while (!stopping_.wait_for(lock, pause, [this] { return stopped_; })) {
        lock.unlock();
        const bool wanted = !rooms_.book.shared_rates().empty();
        const auto round = wanted ? exchange() : Round::idle;
        if (round == Round::failed) {
            pause = std::min<std::chrono::milliseconds>(2 * pause, longest_pause);
        } else {
            pause = wanted ? std::chrono::milliseconds(round_every) : idle_look;
        }
        lock.lock();
    }
}

RateExchange::Round RateExchange::exchange()
{
    auto left = most_keys;
    auto round = Round::idle;
    for (const auto& rate : rooms_.book.shared_rates()) {
        const auto spent = rate.table->collect(left, rate.terms, now_here());
        left -= spent.size();
        std::span<const RateTable::Spent> rest(spent);
        while (!rest.empty()) {
            const auto part = rest.subspan(0, std::min(rest.size(), keys_of_a_call));
            rest = rest.subspan(part.size());
            if (!tell(rate, part)) {
                // What was counted here holds here all the same.
                failures_.fetch_add(1, std::memory_order_relaxed);
                return Round::failed;
            }
            round = Round::done;
        }
    }
    return round;
}

bool RateExchange::tell(const LimitBook::SharedRate& rate, std::span<const RateTable::Spent> spent)
{
    std::vector<std::string> names;
    for (const auto& each : spent) names.push_back(name_of(rooms_.keys, rate, each.key));
    std::vector<nanoseconds> ahead(spent.size());
    const auto kept = std::chrono::ceil<std::chrono::milliseconds>(2 * rate.terms.most + 10s);
    const auto told = rooms_.states.change(
        names, kept,
        [&](std::span<std::string> states, auth::Millis now) -> Result<void, auth::StoreError> {
            for (std::size_t i = 0; i < spent.size(); ++i) {
                ahead[i] = add_to_shared(states[i], rate.terms, now, spent[i].requests);
            }
            return {};
        });
    if (!told) return false;
    const auto now = now_here();
    for (std::size_t i = 0; i < spent.size(); ++i) {
        rate.table->heard(spent[i].key, rate.terms, now + ahead[i]);
    }
    return true;
}

} // namespace gatehouse::gateway
