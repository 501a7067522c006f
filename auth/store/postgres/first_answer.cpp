#include "auth/store/postgres/first_answer.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::auth::postgres {

namespace {

using Steady = std::chrono::steady_clock;

struct Free {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }

    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

using Link = std::unique_ptr<PGconn, Free>;

/// Classes of SQLSTATE, as libpq writes them behind the severity: too few resources (53300 is a
/// connection too many), and what an operator does to a server (57P01 .. 57P05).
constexpr std::string_view passing[] = {":  53", ":  57P"};

/// Begins to connect to a standby, which is all that the address may lead to besides a server that
/// takes no connection at all.
[[nodiscard]] Link begun(const Secret& address)
{
    const std::string url(address.reveal());
    const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), nullptr));
    if (!options) return nullptr;
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        const bool attributes = std::strcmp(option->keyword, "target_session_attrs") == 0;
        if (option->val == nullptr && !attributes) continue;
        names.push_back(option->keyword);
        values.push_back(attributes ? "standby" : option->val);
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    Link link(PQconnectStartParams(names.data(), values.data(), 0));
    // Words are in the server's language, codes are not.
    if (link) PQsetErrorVerbosity(link.get(), PQERRORS_SQLSTATE);
    return link;
}

[[nodiscard]] bool waited(PGconn* link, PostgresPollingStatusType for_what,
                          Steady::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    const short events = for_what == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd one{PQsocket(link), events, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(left)) == 1;
}

} // namespace

bool may_let_us_in_yet(const Secret& address, std::chrono::milliseconds patience)
{
    const auto link = begun(address);
    if (!link || PQstatus(link.get()) == CONNECTION_BAD) return false;
    const auto deadline = Steady::now() + patience;
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
        if (!waited(link.get(), state, deadline)) return true; // it hangs, and nobody is told no
        state = PQconnectPoll(link.get());
    }
    if (state == PGRES_POLLING_OK) return true; // a standby
    const std::string_view said = PQerrorMessage(link.get());
    return std::ranges::any_of(passing, [said](std::string_view code) {
        return said.find(code) != std::string_view::npos;
    });
}

} // namespace gatehouse::auth::postgres
