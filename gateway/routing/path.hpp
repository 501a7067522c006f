#pragma once

#include "config/basics/result.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// A path in the one spelling that rules, routes and backends see.
struct NormalPath {
    std::string_view text;   // begins with `/`, has no dot segment and no `//`
    bool has_params = false; // a raw `;` is in it: only some routes take that
};

/// Judges a path once: decodes escapes of unreserved characters, then resolves dot segments and
/// `//`. Every other escape stays as it was sent. The view is into `path` when nothing changes (no
/// allocation), else into `scratch`, which may be reused for the next request.
/// Errors: bad_request for whatever two readers might read differently: `..` above the root, bad
/// `%`, `%2f %5c` and escaped controls, `%25` before two hex digits, `\ # ?`, controls, space,
/// bytes from 0x80 on, a `;` that hides an empty or dot segment, and a `%3b` that hides a dot
/// segment. Normalising twice is the identity.  R23
[[nodiscard]] Result<NormalPath, RefusalCode> normalise_path(std::string_view path,
                                                             std::string& scratch);

/// Whether `path` has dot segments, written as escapes or not, or `//`: whoever gets it as it came
/// sees other segments than normalise_path leaves of it.
[[nodiscard]] bool has_segments_to_resolve(std::string_view path);

} // namespace gatehouse::gateway
