#pragma once

#include "gateway/http/field_syntax.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// The weight behind an element of Accept, Accept-Encoding or Accept-Language, in thousandths: of
/// `gzip;q=0.5` 500. What is no weight is none.  RFC 9110, 12.4.2
[[nodiscard]] unsigned weight_of(std::string_view element) noexcept;

/// Calls `use(what, weight)` for each element of all fields of that name.
template <class Use>
void for_each_weighted(std::span<const Field> fields, std::string_view name, Use use)
{
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, name)) continue;
        for_each_element(field.value, [&](std::string_view element) {
            const auto what = trimmed(element.substr(0, element.find(';')));
            if (!what.empty()) use(what, weight_of(element));
        });
    }
}

} // namespace gatehouse::gateway
