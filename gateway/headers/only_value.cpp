#include "gateway/headers/only_value.hpp"

#include "gateway/http/field_syntax.hpp"

namespace gatehouse::gateway {

std::string_view only_value(std::span<const Field> fields, std::string_view name) noexcept
{
    const Field* found = nullptr;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, name)) continue;
        if (found != nullptr) return {};
        found = &field;
    }
    return found == nullptr ? std::string_view{} : found->value;
}

} // namespace gatehouse::gateway
