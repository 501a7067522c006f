#include "auth/store/postgres/mistakes.hpp"

#include <algorithm>

namespace gatehouse::auth::postgres {

namespace {

// libpq has no codes for what happens before a session, and pgbouncer 1.18 has one for everything.
constexpr std::string_view mistakes[] = {
    "authentication failed", // password, SASL, ..
    "no password supplied",
    "certificate", // not trusted, another name, a file that is not there
    "does not support SSL",
    "private key",
    "no pg_hba.conf entry",
    "no such database",              // pgbouncer
    "no such user",                  // pgbouncer
    "\" does not exist",             // a role, a database
    "unsupported startup parameter", // pgbouncer
};

} // namespace

bool is_a_mistake(std::string_view message)
{
    return std::ranges::any_of(
        mistakes, [&](std::string_view words) { return message.find(words) != message.npos; });
}

} // namespace gatehouse::auth::postgres
