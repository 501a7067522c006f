#pragma once

#include "gateway/http/head.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Whether a client that asks like this has the answer already, by its ETag and Last-Modified:
/// then 304 is enough.  RFC 9110, 13.1.2, 13.1.3 and 13.2.2
[[nodiscard]] bool has_it_already(std::span<const Field> request, std::string_view etag,
                                  std::string_view last_modified) noexcept;

/// Whether a 304 with these fields can be about the answer with that ETag: it says no other.
/// RFC 9111, 4.3.4
[[nodiscard]] bool may_speak_of(std::span<const Field> told, std::string_view etag) noexcept;

/// Asks on the client's behalf whether what is kept is still so, instead of what the client asked.
/// The texts outlive the request.
void ask_whether_still_so(std::vector<Field>& request, std::string_view etag,
                          std::string_view last_modified);

} // namespace gatehouse::gateway
