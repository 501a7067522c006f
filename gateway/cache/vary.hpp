#pragma once

#include "gateway/headers/header_policy.hpp"
#include "gateway/http/head.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// By which fields of a request an answer was chosen, and what they said.  RFC 9111, 4.1
class Variation {
public:
    /// Whether a request with these fields would get the same answer.
    [[nodiscard]] bool fits(std::span<const Field> request) const;

    /// Two that are equal are of the same answer.
    friend bool operator==(const Variation&, const Variation&) = default;

    [[nodiscard]] std::size_t bytes() const noexcept;

    /// Some of its names say who asks: nobody else may get that answer.
    [[nodiscard]] bool of_user() const noexcept { return of_user_; }

private:
    friend std::optional<Variation> variation_of(std::span<const Field> answer,
                                                 std::span<const Field> request,
                                                 const HeaderPolicy& policy);

    std::vector<std::pair<std::string, std::string>> selected_; // by name, in order
    bool of_user_ = false;
};

/// What the Vary fields of an answer say of the request. Nothing: no request can be told to get the
/// same (`*`, a name that differs each time, more names or longer values than are remembered).
[[nodiscard]] std::optional<Variation> variation_of(std::span<const Field> answer,
                                                    std::span<const Field> request,
                                                    const HeaderPolicy& policy);

/// All lines of a field as one value: blanks around commas are none, and of lists of codings and
/// languages the case does not matter either. Nothing: there is no such field.
[[nodiscard]] std::optional<std::string> selecting_value(std::span<const Field> request,
                                                         std::string_view name);

} // namespace gatehouse::gateway
