#include "config/claims/claim_path.hpp"

#include <algorithm>

namespace gatehouse::config {

std::vector<std::string> split_claim_path(std::string_view path)
{
    std::vector<std::string> names(1);
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '.') {
            names.emplace_back();
            continue;
        }
        if (path[i] == '\\') {
            ++i;
            if (i == path.size() || (path[i] != '.' && path[i] != '\\')) return {};
        }
        names.back() += path[i];
    }
    const bool whole = std::ranges::none_of(names, &std::string::empty);
    return whole ? names : std::vector<std::string>{};
}

} // namespace gatehouse::config
