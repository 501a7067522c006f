#pragma once

#include "gateway/compress/content_coding.hpp"
#include "gateway/http/head.hpp"

#include <optional>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// Which of the codings that we offer, the most welcome first, this client is sent. It gets what it
/// weighs most, and of several that it weighs alike the first of ours; nothing where it would
/// rather have the bytes as they are, says nothing, or says what cannot be read.
/// RFC 9110, 12.5.3
[[nodiscard]] std::optional<ContentCoding> chosen_coding(std::span<const Field> request,
                                                         std::span<const std::string> offered);

} // namespace gatehouse::gateway
