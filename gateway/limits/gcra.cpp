#include "gateway/limits/gcra.hpp"

#include <algorithm>

namespace gatehouse::gateway {

using std::chrono::nanoseconds;

RateTerms RateTerms::of(const config::RateSettings& rate) noexcept
{
    // Rounded up: never a request more than was allowed.
    const nanoseconds all = rate.per;
    const auto each = (all.count() + rate.requests - 1) / rate.requests;
    return {nanoseconds(each), nanoseconds(each * rate.at_once())};
}

RateVerdict look_at(const RateTerms& terms, RateTime full_at, RateTime now) noexcept
{
    const auto used = std::max(full_at - now, nanoseconds::zero());
    const auto room = terms.most - used;
    RateVerdict verdict;
    verdict.passes = room >= terms.each;
    verdict.left = verdict.passes ? static_cast<std::uint32_t>(room / terms.each) : 0;
    verdict.wait = verdict.passes ? nanoseconds::zero() : terms.each - room;
    verdict.all_back = used;
    return verdict;
}

RateTime after_requests(const RateTerms& terms, RateTime full_at, RateTime now,
                        std::uint32_t requests) noexcept
{
    return std::max(full_at, now) + terms.each * requests;
}

} // namespace gatehouse::gateway
