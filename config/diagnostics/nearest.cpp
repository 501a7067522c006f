#include "config/diagnostics/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace gatehouse::config {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Optimal string alignment distance, three rows at a time.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> older(b.size() + 1);
    std::vector<std::size_t> old(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) old[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({old[j] + 1, row[j - 1] + 1, old[j - 1] + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
        }
        std::swap(older, old);
        std::swap(old, row);
    }
    return old[b.size()];
}

} // namespace

std::string_view nearest(std::string_view written, std::span<const std::string_view> names)
{
    if (written.size() > 64) return {}; // no name is that long
    std::string_view best;
    std::size_t best_distance = 1000;
    for (const auto name : names) {
        const auto found = distance(written, name);
        const auto allowed = std::max<std::size_t>(1, std::max(written.size(), name.size()) / 3);
        if (found <= allowed && found < best_distance) {
            best = name;
            best_distance = found;
        }
    }
    return best;
}

std::string nearest_hint(std::string_view written, std::span<const std::string_view> names)
{
    const auto meant = nearest(written, names);
    if (!meant.empty()) return fmt::format("did you mean \"{}\"?", meant);
    return fmt::format("known here: {}", fmt::join(names, ", "));
}

} // namespace gatehouse::config
