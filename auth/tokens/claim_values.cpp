#include "auth/tokens/claim_values.hpp"

#include <optional>

namespace gatehouse::auth {
namespace {

std::optional<std::string> text_of(const json::Value& value)
{
    if (const auto* text = value.string()) return *text;
    if (const auto number = value.integer()) return std::to_string(*number);
    if (const auto truth = value.boolean()) return *truth ? "true" : "false";
    return std::nullopt;
}

const json::Value* find(const json::Value& payload, std::span<const std::string> names)
{
    const auto* value = &payload;
    for (const auto& name : names) {
        if (value != nullptr) value = value->find(name);
    }
    return value;
}

} // namespace

std::vector<std::string> claim_values(const json::Value& payload,
                                      std::span<const std::string> names)
{
    std::vector<std::string> values;
    const auto* value = find(payload, names);
    if (value == nullptr) return values;
    const std::span<const json::Value> all =
        value->array() == nullptr ? std::span(value, 1) : std::span(*value->array());
    for (const auto& each : all) {
        auto text = text_of(each);
        if (!text) return {};
        values.push_back(*std::move(text));
    }
    return values;
}

} // namespace gatehouse::auth
