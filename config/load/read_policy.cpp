#include "config/load/read_value.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

/// What a claim is compared with: one value, or a list of them.
std::vector<std::string> read_values(const Node& node, const std::string& key, Report& report)
{
    std::vector<std::string> values;
    if (node.kind == Node::Kind::list) {
        read(node, key, values, forms::word, report);
        if (node.items.empty())
            report.error(node, key, {"is empty", "write the values it may have"});
        return values;
    }
    const auto* const hint = node.kind == Node::Kind::map
                                 ? "write the whole path with dots, for example org.plan: pro"
                                 : "write a value or a list of values";
    if (!is_a(Node::Kind::scalar, node, key, hint, report)) return values;
    read(node, key, values.emplace_back(), forms::word, report);
    return values;
}

} // namespace

void read(const Node& node, const std::string& key, std::vector<ClaimRule>& value, const Form& form,
          Report& report)
{
    if (!is_a(Node::Kind::map, node, key, "write the claim and its value, {org.plan: pro}", report))
        return;
    for (const auto& entry : node.entries) {
        const auto place = fmt::format("{}.{}", key, entry.key);
        if (auto problem = form.check(entry.key)) {
            report.error(entry.offset, place, std::move(*problem));
        }
        value.push_back({entry.key, read_values(entry.value, place, report)});
    }
}

void read(const Node& node, const std::string& key, RoleScopes& value, const Form& form,
          Report& report)
{
    constexpr auto hint = "write a role and its scopes, {admin: [orders.write]}";
    if (!is_a(Node::Kind::map, node, key, hint, report)) return;
    for (const auto& entry : node.entries) {
        const auto place = fmt::format("{}.{}", key, entry.key);
        auto problem = entry.key == "*" ? std::nullopt : forms::role.check(entry.key);
        if (problem) report.error(entry.offset, place, std::move(*problem));
        read(entry.value, place, value[entry.key], form, report);
    }
}

} // namespace gatehouse::config
