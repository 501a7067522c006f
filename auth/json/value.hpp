#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse::auth::json {

struct Member;

/// A JSON value as the strict reader found it: plain data, in document order. Asking for the wrong
/// kind is a null pointer or nothing, never an exception, so callers read and check in one step.
class Value {
public:
    using Array = std::vector<Value>;
    using Object = std::vector<Member>; // names are unique: the reader saw to that

    Value() noexcept; // null
    explicit Value(bool value);
    explicit Value(std::int64_t value);
    explicit Value(double value);
    explicit Value(std::string value);
    explicit Value(Array value);
    explicit Value(Object value);
    explicit Value(const char*) = delete; // would be a bool

    Value(const Value&);
    Value(Value&&) noexcept;
    Value& operator=(const Value&);
    Value& operator=(Value&&) noexcept;
    ~Value();

    [[nodiscard]] bool is_null() const noexcept;
    [[nodiscard]] std::optional<bool> boolean() const noexcept;
    /// Numbers written without fraction and exponent that fit; `1.0` and `1e3` are not integers.
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
    /// Any number.
    [[nodiscard]] std::optional<double> number() const noexcept;
    [[nodiscard]] const std::string* string() const noexcept;
    [[nodiscard]] const Array* array() const noexcept;
    [[nodiscard]] const Object* object() const noexcept;

    /// The member of that name; null when this is no object or has no such member.
    [[nodiscard]] const Value* find(std::string_view name) const noexcept;
    /// Short for find() and then string().
    [[nodiscard]] const std::string* find_string(std::string_view name) const noexcept;
    /// Short for find() and then integer().
    [[nodiscard]] std::optional<std::int64_t> find_integer(std::string_view name) const noexcept;

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> held_;
};

struct Member {
    std::string name;
    Value value;
};

} // namespace gatehouse::auth::json
