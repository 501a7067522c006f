#pragma once

#include "auth/basics/clock.hpp"
#include "auth/json/writer.hpp"

#include <map>
#include <string>

namespace gatehouse::auth::testing {

/// An object's members by name, each as JSON text, so that a row changes one of them.
using Members = std::map<std::string, std::string>;

[[nodiscard]] inline std::string object(const Members& members)
{
    std::string out = "{";
    for (const auto& [name, value] : members) {
        if (out.size() > 1) out += ',';
        out += json::quote(name) + ':' + value;
    }
    return out + '}';
}

[[nodiscard]] inline std::string at(Seconds time)
{
    return std::to_string(time.time_since_epoch().count());
}

/// One member that is set to `value`, or removed where that is empty; and what comes of it.
struct Change {
    const char* name;
    std::string member;
    std::string value;
    std::string expected;
};

[[nodiscard]] inline Members changed(Members members, const Change& change)
{
    if (change.value.empty()) {
        members.erase(change.member);
    } else {
        members[change.member] = change.value;
    }
    return members;
}

} // namespace gatehouse::auth::testing
