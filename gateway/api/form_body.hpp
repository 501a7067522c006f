#pragma once

#include "config/basics/result.hpp"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// No call has so many parameters.
inline constexpr std::size_t most_form_parameters = 64;

enum class FormError : std::uint8_t {
    not_a_pair, // empty, without `=`, or without a name
    bad_escape, // `%` without two hex digits behind it
    bad_byte,   // what would have to be escaped: a space, a control, a byte above 0x7e
    bad_utf8,   // what the escapes come to
    duplicate,  // one name twice
    too_many    // more than most_form_parameters
};

[[nodiscard]] std::string_view to_string(FormError error) noexcept;
std::ostream& operator<<(std::ostream& out, FormError error);

struct FormParameter {
    std::string name;
    std::string value;
};

/// What a form says, in its order; names are unique.
struct Form {
    std::vector<FormParameter> parameters;

    /// Null: no parameter of that name.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
};

/// `application/x-www-form-urlencoded`, alone or with parameters (charset) behind it.
[[nodiscard]] bool is_form_type(std::string_view content_type) noexcept;

/// Reads a body of that type strictly: `name=value` pairs with `&` between them, `+` for a space,
/// escapes that come to UTF-8. An empty body is an empty form. A value may hold a NUL: what that
/// means is for its call to say.  RFC 6749, appendix B
[[nodiscard]] Result<Form, FormError> read_form(std::string_view body);

} // namespace gatehouse::gateway
