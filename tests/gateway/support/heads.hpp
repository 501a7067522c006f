#pragma once

#include "gateway/headers/head_writer.hpp"
#include "gateway/http/head.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway::test {

/// A request head as the parser leaves it. The texts must be literals.
inline RequestHead request(std::string_view method, std::string_view target,
                           std::vector<Field> fields = {}, std::string_view host = "client.example")
{
    RequestHead head;
    head.method = method;
    head.target = target;
    head.origin_target = target;
    head.host = host;
    head.fields = std::move(fields);
    return head;
}

/// What `write` puts into a HeadWriter, as text.
template <class Write>
std::string written(Write write)
{
    static std::array<char, 65536> room;
    HeadWriter out{room};
    write(out);
    return out.overflowed() ? "overflowed" : std::string{out.written()};
}

/// The lines of a head, without the empty one at its end.
inline std::vector<std::string> lines(std::string_view head)
{
    std::vector<std::string> result;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        if (end == 0 || end == head.npos) break;
        result.emplace_back(head.substr(0, end));
        head.remove_prefix(end + 2);
    }
    return result;
}

inline bool has_line(std::string_view head, std::string_view line)
{
    return std::ranges::count(lines(head), line) == 1;
}

} // namespace gatehouse::gateway::test
