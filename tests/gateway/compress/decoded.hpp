#pragma once

#include "gateway/compress/content_coding.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway::test {

/// What can be read of packed bytes; nothing where they are none.
struct Decoded {
    std::string text;
    bool is_whole = false; // with its end
};

[[nodiscard]] std::optional<Decoded> decoded(ContentCoding coding, std::string_view packed);

} // namespace gatehouse::gateway::test
