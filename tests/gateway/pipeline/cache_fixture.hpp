#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway::test {

/// A request for what may be kept; `fields` are whole lines.
inline std::string get(std::string_view fields = {}, std::string_view target = "/",
                       std::string_view method = "GET")
{
    return fmt::format("{} {} HTTP/1.1\r\nHost: a\r\n{}\r\n", method, target, fields);
}

} // namespace gatehouse::gateway::test
