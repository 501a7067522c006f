#include "config/load/read_value.hpp"

#include <fmt/format.h>

namespace gatehouse::config {

void read(const Node& node, const std::string& key, HeaderLines& value, const Form& form,
          Report& report)
{
    constexpr auto hint = "write headers and their values, {X-Tenant: \"{claim:org.id}\"}";
    if (!is_a(Node::Kind::map, node, key, hint, report)) return;
    for (const auto& entry : node.entries) {
        const auto place = fmt::format("{}.{}", key, entry.key);
        if (auto problem = forms::header_name.check(entry.key)) {
            report.error(entry.offset, place, std::move(*problem));
            continue;
        }
        HeaderLine line{entry.key, {}};
        read(entry.value, place, line.value, form, report);
        value.push_back(std::move(line));
    }
}

} // namespace gatehouse::config
