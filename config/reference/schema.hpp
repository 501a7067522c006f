#pragma once

#include <string>

namespace gatehouse::config {

/// Every key with its type, default, meaning and what is allowed, as a JSON schema (draft 7, which
/// is what editors read): config/gatehouse.schema.json. What the reader takes, it takes; of what
/// the reader refuses it knows the shape, and not whether settings fit together.
[[nodiscard]] std::string configuration_schema();

} // namespace gatehouse::config
