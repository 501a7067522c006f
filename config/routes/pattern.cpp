#include "config/routes/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gatehouse::config {
namespace {

int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The byte that `%xy` at `at` stands for.
std::optional<char> escape_at(std::string_view text, std::size_t at)
{
    if (at + 2 >= text.size()) return {};
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return {};
    return static_cast<char>(high * 16 + low);
}

/// RFC 3986, 2.3: bytes that mean the same with and without an escape.
bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// Replaces the escapes whose byte is `wanted`; the others stay as they are.
template <class Wanted>
std::string decode(std::string_view text, Wanted wanted)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' ? escape_at(text, i) : std::nullopt;
        const bool replace = byte && wanted(*byte);
        out += replace ? *byte : text[i];
        if (replace) i += 2;
    }
    return out;
}

std::string decode(std::string_view segment)
{
    return decode(segment, [](char) { return true; });
}

template <class Each>
void each_segment(std::string_view path, Each each)
{
    path.remove_prefix(1);
    for (;;) {
        const auto slash = path.find('/');
        each(path.substr(0, slash), slash == path.npos);
        if (slash == path.npos) return;
        path.remove_prefix(slash + 1);
    }
}

constexpr auto not_in_paths = "no request path looks like this once it was judged, so the route "
                              "would never be chosen";

std::optional<PatternProblem> escape_problem(std::string_view text, std::size_t at)
{
    const auto byte = escape_at(text, at);
    if (!byte) {
        return PatternProblem{fmt::format("\"{}\" is not an escape", text.substr(at, 3)),
                              "write % and two hex digits, or %25 for a percent sign"};
    }
    const bool separator = *byte == '/' || *byte == '\\' || *byte == '\0';
    const bool twice = *byte == '%' && at + 4 < text.size() && hex_value(text[at + 3]) >= 0 &&
                       hex_value(text[at + 4]) >= 0;
    if (separator || twice) {
        const auto shown = text.substr(at, twice ? 5 : 3);
        return PatternProblem{fmt::format("\"{}\" is refused in request paths", shown),
                              not_in_paths};
    }
    return {};
}

std::optional<PatternProblem> byte_problem(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (auto problem = escape_problem(text, i)) return problem;
        } else if (c == '\\') {
            return PatternProblem{"\"\\\" cannot stand in a path pattern", not_in_paths};
        } else if (c == '#' || c == '?' || c == ';') {
            return PatternProblem{fmt::format("\"{}\" cannot stand in a path pattern", c),
                                  fmt::format("a pattern is a path alone; if you mean that very "
                                              "character, write %{:02X}",
                                              static_cast<unsigned>(c))};
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return PatternProblem{"a control character cannot stand in a path pattern",
                                  not_in_paths};
        }
    }
    return {};
}

std::optional<PatternProblem> segment_problem(std::string_view segment, bool last)
{
    if (segment.empty() && !last) return PatternProblem{"\"//\" is never in a path", not_in_paths};
    if (segment == "**" && !last) {
        return PatternProblem{"\"**\" may only be the last segment",
                              "use * for one segment in the middle"};
    }
    if (segment != "*" && segment != "**" && segment.find('*') != segment.npos) {
        return PatternProblem{
            fmt::format("\"{}\": a star stands for a whole segment", segment),
            "write * alone for one segment, ** at the end for the rest, %2A for the character"};
    }
    if (segment == "." || segment == "..") {
        return PatternProblem{"dot segments are resolved before routes are compared", not_in_paths};
    }
    return {};
}

PatternSegment to_segment(std::string_view segment)
{
    if (segment == "*") return {SegmentKind::one, {}};
    if (segment == "**") return {SegmentKind::rest, {}};
    return {SegmentKind::literal, decode(segment)};
}

bool is_host_name(std::string_view name)
{
    if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.')
        return false;
    if (name.find("..") != name.npos) return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

bool is_ipv6_literal(std::string_view name)
{
    return name.size() > 2 && name.front() == '[' && name.back() == ']' &&
           std::ranges::all_of(name.substr(1, name.size() - 2),
                               [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
}

bool lists(std::span<const std::string> methods, std::string_view method)
{
    return std::ranges::find(methods, method) != methods.end();
}

/// The place of segment `i` in the order literal, end of the pattern, `*`, `**`.
int place(const PathPattern& pattern, std::size_t i)
{
    if (i >= pattern.segments.size()) return 1;
    switch (pattern.segments[i].kind) {
    case SegmentKind::literal:
        return 0;
    case SegmentKind::one:
        return 2;
    case SegmentKind::rest:
        return 3;
    }
    return 3;
}

} // namespace

Result<PathPattern, PatternProblem> parse_path_pattern(std::string_view text)
{
    if (text.empty() || text.front() != '/') {
        return PatternProblem{fmt::format("\"{}\" does not begin with /", text),
                              "write a path such as /orders/**"};
    }
    // As with a request path: unreserved first, so that %2541 cannot hide behind %25%34%31.
    const auto plain = decode(text, is_unreserved);
    if (auto problem = byte_problem(plain)) return *problem;

    PathPattern pattern;
    std::optional<PatternProblem> problem;
    each_segment(plain, [&](std::string_view segment, bool last) {
        if (!problem) problem = segment_problem(segment, last);
        pattern.segments.push_back(to_segment(segment));
    });
    if (problem) return *problem;
    return pattern;
}

Result<HostPattern, PatternProblem> parse_host_pattern(std::string_view text)
{
    HostPattern pattern;
    if (text.empty()) return pattern;
    const bool wildcard = text.starts_with("*.");
    pattern.kind = wildcard ? HostPattern::Kind::wildcard : HostPattern::Kind::exact;
    pattern.name = std::string{wildcard ? text.substr(2) : text};
    std::ranges::transform(pattern.name, pattern.name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (is_host_name(pattern.name) || (!wildcard && is_ipv6_literal(pattern.name))) return pattern;
    return PatternProblem{
        fmt::format("\"{}\" is not a host name", text),
        "write a name without scheme and port, such as api.example.com or *.example.com"};
}

std::vector<std::string> decoded_segments(std::string_view path)
{
    std::vector<std::string> segments;
    if (path.empty()) return segments;
    each_segment(path,
                 [&](std::string_view segment, bool) { segments.push_back(decode(segment)); });
    return segments;
}

bool matches(const PathPattern& pattern, std::span<const std::string> segments)
{
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
        const auto& wanted = pattern.segments[i];
        if (wanted.kind == SegmentKind::rest) return true;
        if (i >= segments.size()) return false;
        if (wanted.kind == SegmentKind::one && segments[i].empty()) return false;
        if (wanted.kind == SegmentKind::literal && wanted.text != segments[i]) return false;
    }
    return segments.size() == pattern.segments.size();
}

bool matches(const HostPattern& pattern, std::string_view host)
{
    switch (pattern.kind) {
    case HostPattern::Kind::none:
        return true;
    case HostPattern::Kind::exact:
        return host == pattern.name;
    case HostPattern::Kind::wildcard:
        break;
    }
    const auto dot = host.find('.');
    return dot != host.npos && dot > 0 && host.substr(dot + 1) == pattern.name;
}

std::strong_ordering rank(const PathPattern& left, const PathPattern& right)
{
    const auto longest = std::max(left.segments.size(), right.segments.size());
    for (std::size_t i = 0; i < longest; ++i) {
        const auto order = place(left, i) <=> place(right, i);
        if (order != 0) return order;
        if (place(left, i) != 0) continue;
        const auto text = left.segments[i].text <=> right.segments[i].text;
        if (text != 0) return text;
    }
    return std::strong_ordering::equal;
}

std::strong_ordering rank(const HostPattern& left, const HostPattern& right)
{
    const auto order = left.kind <=> right.kind;
    return order != 0 ? order : left.name <=> right.name;
}

bool methods_clash(std::span<const std::string> left, std::span<const std::string> right)
{
    if (left.empty() || right.empty()) return left.empty() && right.empty();
    const auto covers = [](std::span<const std::string> methods, std::string_view method) {
        return lists(methods, method) || (method == "HEAD" && lists(methods, "GET"));
    };
    return std::ranges::any_of(left, [&](const auto& method) { return covers(right, method); }) ||
           std::ranges::any_of(right, [&](const auto& method) { return covers(left, method); });
}

bool is_under(const PathPattern& pattern, const PathPattern& prefix)
{
    if (pattern.segments.size() < prefix.segments.size()) return false;
    return std::equal(prefix.segments.begin(), prefix.segments.end(), pattern.segments.begin());
}

} // namespace gatehouse::config
