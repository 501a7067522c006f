#include "gateway/upstream/ejection.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::gateway {

std::size_t least_in_use(std::size_t total, double floor) noexcept
{
    const auto part = std::ceil(static_cast<double>(total) * floor);
    return std::clamp<std::size_t>(static_cast<std::size_t>(part), 1,
                                   std::max<std::size_t>(total, 1));
}

bool may_eject(std::size_t total, std::size_t in_use, double floor) noexcept
{
    return in_use > least_in_use(total, floor);
}

bool must_use_all(std::size_t total, std::size_t fit, double floor) noexcept
{
    return fit < least_in_use(total, floor);
}

EjectionRecord ejected_again(EjectionRecord record, Monotonic now,
                             const config::EjectionSettings& settings) noexcept
{
    const bool did_well = record.times != 0 && now - record.back_at >= settings.most;
    record.times = did_well ? 1 : record.times + 1;
    record.back_at = now + ejection_time(record, settings);
    return record;
}

Monotonic ejection_time(const EjectionRecord& record,
                        const config::EjectionSettings& settings) noexcept
{
    // Divided instead of multiplied: neither overflows.
    const auto fits = settings.most / std::max(settings.base, Monotonic{1});
    return record.times > fits ? settings.most : settings.base * record.times;
}

} // namespace gatehouse::gateway
