#pragma once

#include "config/basics/result.hpp"

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// How much one segment of a pattern leaves open. In order of rank: the first is most specific.
enum class SegmentKind { literal, one, rest };

/// One segment of a path pattern. `text` is that of a literal, with its escapes decoded.
struct PatternSegment {
    SegmentKind kind = SegmentKind::literal;
    std::string text;

    friend bool operator==(const PatternSegment&, const PatternSegment&) = default;
};

/// A route's `match`, cut at its slashes. `/a/*/b/**` is literal a, one, literal b, rest.
///   literal  equals the segment, both with their escapes decoded (`%40me` is `@me`)
///   `*`      one segment that is not empty (`/a/*` matches neither `/a` nor `/a/`)
///   `**`     any number of segments, also none; only at the end (`/a/**` matches `/a` and `/a/`)
/// A path that ends in `/` ends in an empty segment, so `/a` and `/a/` differ; `/` is one empty
/// segment. An escaped `*` (`%2A`) is a literal.
struct PathPattern {
    std::vector<PatternSegment> segments;

    friend bool operator==(const PathPattern&, const PathPattern&) = default;
};

/// A route's `host`: nothing, a name, or `*.` and a name. The star stands for exactly one label,
/// as in certificates, so that no two wildcards fit the same host. Never holds a port.
struct HostPattern {
    enum class Kind { exact, wildcard, none }; // in order of rank

    Kind kind = Kind::none;
    std::string name; // lower case; of a wildcard what follows `*.`

    friend bool operator==(const HostPattern&, const HostPattern&) = default;
};

/// Why a pattern cannot be used, for the person who wrote it.
struct PatternProblem {
    PatternProblem() = default;

    PatternProblem(std::string what, std::string way_out)
        : message(std::move(what)),
          hint(std::move(way_out))
    {
    }

    std::string message;
    std::string hint;
};

/// Refuses what no judged path can look like (dot segments, `//`, `%2f`, `;`), since such a rule
/// would silently never apply.
[[nodiscard]] Result<PathPattern, PatternProblem> parse_path_pattern(std::string_view text);
[[nodiscard]] Result<HostPattern, PatternProblem> parse_host_pattern(std::string_view text);

/// The segments of a path that was already judged (it begins with `/` and its escapes are valid),
/// each with every escape decoded.
[[nodiscard]] std::vector<std::string> decoded_segments(std::string_view path);

/// Whether `pattern` fits the decoded segments of a path. The router is faster and must agree.
[[nodiscard]] bool matches(const PathPattern& pattern, std::span<const std::string> segments);
/// `host` without port, in lower case.
[[nodiscard]] bool matches(const HostPattern& pattern, std::string_view host);

/// Orders the more specific first: segment by segment literal, end, `*`, `**`. Different literals
/// never fit the same path; they are ordered by their bytes. Hence two patterns that fit the same
/// path rank equal only when they are the same pattern.
[[nodiscard]] std::strong_ordering rank(const PathPattern& left, const PathPattern& right);
[[nodiscard]] std::strong_ordering rank(const HostPattern& left, const HostPattern& right);

/// Whether one request method could choose both lists with equal rank: both empty (any method), or
/// one method in both, where GET also covers HEAD.
[[nodiscard]] bool methods_clash(std::span<const std::string> left,
                                 std::span<const std::string> right);

/// Whether the pattern lies at or below `prefix` (`/auth`): its first segments are those literals.
[[nodiscard]] bool is_under(const PathPattern& pattern, const PathPattern& prefix);

} // namespace gatehouse::config
