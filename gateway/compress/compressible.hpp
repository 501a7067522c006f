#pragma once

#include "config/settings/compression.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// Whether `type`, a Content-Type, is one of `ranges`: `text/html`, `text/*`, `application/*+json`.
[[nodiscard]] bool is_of_type(std::string_view type, std::span<const std::string> ranges) noexcept;

/// `Cache-Control: no-transform`: nobody on the way changes the body of this message, nor of the
/// answer to it.  RFC 9110, 7.7; RFC 9111, 5.2.1.6
[[nodiscard]] bool forbids_transformation(std::span<const Field> fields) noexcept;

/// Whether an answer may be compressed for whoever takes it: by status, type and length, and
/// because nothing in its head says that these very bytes are meant. The same for HEAD.
[[nodiscard]] bool is_compressible(const ResponseHead& answer,
                                   const config::RouteCompressionSettings& settings) noexcept;

} // namespace gatehouse::gateway
