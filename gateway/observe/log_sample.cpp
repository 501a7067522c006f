#include "gateway/observe/log_sample.hpp"

#include <cmath>

namespace gatehouse::gateway {
namespace {

/// FNV-1a, and a last step that spreads what differs in the last bytes over all bits. Ids of others
/// need not be random; ours are.
std::uint64_t hash_of(std::string_view id) noexcept
{
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : id) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x0000'0100'0000'01b3;
    }
    hash ^= hash >> 33U;
    hash *= 0xff51'afd7'ed55'8ccd;
    hash ^= hash >> 33U;
    return hash;
}

} // namespace

LogSample::LogSample(double ratio, std::chrono::microseconds slow) noexcept
    : ratio_(ratio),
      below_(ratio >= 1 ? 0 : static_cast<std::uint64_t>(std::ldexp(ratio, 64))),
      slow_(slow)
{
}

bool LogSample::keeps(std::string_view id) const noexcept
{
    return keeps_all() || hash_of(id) < below_;
}

bool LogSample::is_remarkable(unsigned status, std::string_view refusal, std::string_view reason,
                              std::chrono::microseconds took) const noexcept
{
    return status == 0 || status >= 400 || !refusal.empty() || reason.starts_with("cut off:") ||
           took >= slow_;
}

} // namespace gatehouse::gateway
