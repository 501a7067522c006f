#include "auth/json/value.hpp"

namespace gatehouse::auth::json {

// Here and not in the header, because a vector of Member wants to know what a Member is.
Value::Value() noexcept = default;

Value::Value(bool value) : held_(value) {}

Value::Value(std::int64_t value) : held_(value) {}

Value::Value(double value) : held_(value) {}

Value::Value(std::string value) : held_(std::move(value)) {}

Value::Value(Array value) : held_(std::move(value)) {}

Value::Value(Object value) : held_(std::move(value)) {}

Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

bool Value::is_null() const noexcept
{
    return std::holds_alternative<std::monostate>(held_);
}

std::optional<bool> Value::boolean() const noexcept
{
    const auto* held = std::get_if<bool>(&held_);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

std::optional<std::int64_t> Value::integer() const noexcept
{
    const auto* held = std::get_if<std::int64_t>(&held_);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

std::optional<double> Value::number() const noexcept
{
    if (const auto whole = integer()) return static_cast<double>(*whole);
    const auto* held = std::get_if<double>(&held_);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

const std::string* Value::string() const noexcept
{
    return std::get_if<std::string>(&held_);
}

const Value::Array* Value::array() const noexcept
{
    return std::get_if<Array>(&held_);
}

const Value::Object* Value::object() const noexcept
{
    return std::get_if<Object>(&held_);
}

const Value* Value::find(std::string_view name) const noexcept
{
    const auto* members = object();
    if (members == nullptr) return nullptr;
    for (const auto& member : *members) {
        // Sizes and first letters tell nearly all names apart.
        const bool may_be = member.name.size() == name.size() && !name.empty() &&
                            member.name.front() == name.front();
        if ((may_be || name.empty()) && member.name == name) return &member.value;
    }
    return nullptr;
}

const std::string* Value::find_string(std::string_view name) const noexcept
{
    const auto* value = find(name);
    return value == nullptr ? nullptr : value->string();
}

std::optional<std::int64_t> Value::find_integer(std::string_view name) const noexcept
{
    const auto* value = find(name);
    return value == nullptr ? std::nullopt : value->integer();
}

} // namespace gatehouse::auth::json
