#include "gateway/limits/address_counts.hpp"

namespace gatehouse::gateway {

bool AddressCounts::take(std::uint64_t address, std::uint32_t most)
{
    auto& part = part_of(address);
    const std::scoped_lock lock(part.mutex);
    auto& open = part.open[address];
    if (open >= most) return false; // and then there is one at least: nothing is left behind
    ++open;
    return true;
}

void AddressCounts::give_back(std::uint64_t address) noexcept
{
    auto& part = part_of(address);
    const std::scoped_lock lock(part.mutex);
    const auto found = part.open.find(address);
    if (found != part.open.end() && --found->second == 0) part.open.erase(found);
}

} // namespace gatehouse::gateway
