#pragma once

#include "config/diagnostics/nearest.hpp"
#include "config/diagnostics/report.hpp"
#include "config/settings/identity.hpp"
#include "config/settings/terms.hpp"
#include "config/settings/upstreams.hpp"
#include "config/yaml/node.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

/// One overload for each type a key can have. `key` is the path for messages; on a mistake the
/// value stays as it was.
namespace gatehouse::config {

void read(const Node& node, const std::string& key, std::string& value, const Form& form,
          Report& report);
void read(const Node& node, const std::string& key, std::vector<std::string>& value,
          const Form& form, Report& report);
/// Claims by path, each with a value or a list of values.
void read(const Node& node, const std::string& key, std::vector<ClaimRule>& value, const Form& form,
          Report& report);
/// Headers by name, each with a value.
void read(const Node& node, const std::string& key, HeaderLines& value, const Form& form,
          Report& report);
/// URLs, or maps with a URL and a weight.
void read(const Node& node, const std::string& key, std::vector<EndpointSettings>& value,
          const Form& form, Report& report);
/// Scopes by role; `*` stands for everybody.
void read(const Node& node, const std::string& key, RoleScopes& value, const Form& form,
          Report& report);
void read(const Node& node, const std::string& key, bool& value, AsTyped, Report& report);
void read(const Node& node, const std::string& key, std::uint32_t& value, CountRange range,
          Report& report);
void read(const Node& node, const std::string& key, std::uint64_t& value, SizeRange range,
          Report& report);
void read(const Node& node, const std::string& key, double& value, Ratio, Report& report);
void read(const Node& node, const std::string& key, std::chrono::milliseconds& value,
          DurationRange range, Report& report);
void read(const Node& node, const std::string& key, std::chrono::seconds& value,
          DurationRange range, Report& report);

void read(const Node& node, const std::string& key, Shape& value, Drawing drawing, Report& report);

/// Whether the node is of that kind; reports it when it is something else. Broken nodes were
/// reported before.
[[nodiscard]] bool is_a(Node::Kind wanted, const Node& node, const std::string& key,
                        const std::string& hint, Report& report);

/// The place of a scalar in `words`, or nothing after reporting it.
[[nodiscard]] std::optional<std::size_t> read_word(const Node& node, const std::string& key,
                                                   std::span<const std::string_view> words,
                                                   Report& report);

template <class E>
    requires std::is_enum_v<E>
void read(const Node& node, const std::string& key, E& value, AsTyped, Report& report)
{
    constexpr auto all = words(E{});
    std::array<std::string_view, all.size()> texts;
    for (std::size_t i = 0; i < all.size(); ++i) texts[i] = all[i].text;
    if (const auto found = read_word(node, key, texts, report)) value = all[*found].value;
}

template <class T, class Limit>
void read(const Node& node, const std::string& key, std::optional<T>& value, const Limit& limit,
          Report& report)
{
    T inner{};
    const auto errors_before = report.error_count();
    read(node, key, inner, limit, report);
    if (report.error_count() == errors_before) value = std::move(inner);
}

} // namespace gatehouse::config
