#include "config/load/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

void read_map(const Node& node, const std::string& key, EndpointSettings& value, const Form& form,
              Report& report)
{
    constexpr std::array<std::string_view, 2> known{"url", "weight"};
    for (const auto& entry : node.entries) {
        if (std::ranges::find(known, entry.key) != known.end()) continue;
        report.error(
            entry.offset, fmt::format("{}.{}", key, entry.key),
            {fmt::format("unknown key {}", quoted(entry.key)), nearest_hint(entry.key, known)});
    }
    if (const auto* url = node.find("url")) {
        read(*url, key + ".url", value.url, form, report);
    } else {
        report.error(node, key + ".url",
                     {"is missing", "write {url: http://host:port, weight: 1}"});
    }
    if (const auto* weight = node.find("weight")) {
        read(*weight, key + ".weight", value.weight, count(0, most_weight), report);
    }
}

} // namespace

void read(const Node& node, const std::string& key, std::vector<EndpointSettings>& value,
          const Form& form, Report& report)
{
    const auto hint = node.kind == Node::Kind::scalar ? fmt::format("write [{}]", node.text) : "";
    if (!is_a(Node::Kind::list, node, key, node.written ? "write a list" : hint, report)) return;
    std::vector<EndpointSettings> list;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        const auto place = fmt::format("{}[{}]", key, i);
        EndpointSettings endpoint;
        if (item.kind == Node::Kind::map) {
            read_map(item, place, endpoint, form, report);
        } else {
            read(item, place, endpoint.url, form, report);
        }
        const bool twice =
            std::ranges::find(list, endpoint.url, &EndpointSettings::url) != list.end();
        if (!endpoint.url.empty() && twice) {
            report.error(item, place,
                         {fmt::format("{} stands in this list already", quoted(item, endpoint.url)),
                          "remove it; for a larger share give the first one a weight"});
        }
        list.push_back(std::move(endpoint));
    }
    value = std::move(list);
}

} // namespace gatehouse::config
