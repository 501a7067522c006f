#include "auth/service/roles.hpp"

#include "auth/basics/id.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

/// Together they have to fit into a token and a header.
constexpr std::size_t most_roles = 32;

} // namespace

std::vector<FieldProblem> problems_of(const std::vector<std::string>& roles)
{
    if (roles.size() > most_roles)
        return {
            FieldProblem{"roles", "are at most 32"}
        };
    if (enforced("admin.roles") && !std::ranges::all_of(roles, is_header_safe_id)) {
        return {
            FieldProblem{"roles",
                         "are 1 to 64 characters of A-Z, a-z, 0-9, '.', '_', ':' and '-'"}
        };
    }
    return {};
}

} // namespace gatehouse::auth
