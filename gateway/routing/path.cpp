#include "gateway/routing/path.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/sixteen.hpp"
#include "gateway/routing/escapes.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

/// Bytes that mean the same to every reader, wherever they stand.
constexpr auto harmless = [] {
    std::array<bool, 256> bytes{};
    for (unsigned byte = 0; byte < 0x80; ++byte)
        bytes[byte] = byte == '/' || is_unreserved(static_cast<char>(byte));
    return bytes;
}();

/// A slash and behind it another or a dot, which may be more than a name's first.
bool has_doubtful_pair(Sixteen bytes, std::uint32_t pairs) noexcept
{
    const auto slashes = bytes.is('/').bits();
    return (slashes << 1U & (slashes | bytes.is('.').bits()) & pairs) != 0;
}

bool has_doubtful_pair(std::string_view path) noexcept
{
    if (path.size() < Sixteen::size / 2) {
        for (std::size_t i = 1; i < path.size(); ++i) {
            if (path[i - 1] == '/' && (path[i] == '/' || path[i] == '.')) return true;
        }
        return false;
    }
    constexpr std::uint32_t all = 0xffff;
    constexpr std::uint32_t not_between_ends = all & ~(std::uint32_t{1} << Sixteen::size / 2);
    if (path.size() < Sixteen::size)
        return has_doubtful_pair(Sixteen::ends_of(path), not_between_ends);
    const auto last = path.size() - Sixteen::size;
    for (std::size_t at = 0; at < last; at += Sixteen::size - 1) { // each begins where one ended
        if (has_doubtful_pair(Sixteen(path.data() + at), all)) return true;
    }
    return has_doubtful_pair(Sixteen(path.data() + last), all);
}

/// Nearly every path is one that nothing below could object to or change. What this does not
/// recognise is judged in full.
bool is_simple(std::string_view path) noexcept
{
    const bool is_harmless = all_bytes(
        path,
        [](Sixteen bytes) {
            return bytes.letters() | bytes.between('-', '9') | bytes.is('_') | bytes.is('~');
        },
        [](char c) { return harmless[static_cast<unsigned char>(c)]; });
    return is_harmless && !has_doubtful_pair(path);
}

/// Bytes that some reader drops, cuts at or takes for a slash.
bool is_refused_byte(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return (enforced("path.control") && (byte <= 0x20 || byte == 0x7f)) ||
           (enforced("path.non_ascii") && byte >= 0x80) ||
           (enforced("path.backslash") && c == '\\') || (enforced("path.fragment") && c == '#') ||
           (enforced("path.question_mark") && c == '?');
}

bool is_refused_escape(char decoded) noexcept
{
    const auto byte = static_cast<unsigned char>(decoded);
    // `$` of most regular expressions matches before a last line feed too.
    return (enforced("path.encoded_nul") && decoded == '\0') ||
           (enforced("path.encoded_control") && byte != 0 && (byte < 0x20 || byte == 0x7f)) ||
           (enforced("path.encoded_slash") && decoded == '/') ||
           (enforced("path.encoded_backslash") && decoded == '\\');
}

/// Takes one character off; an escape counts as its byte only if it would be decoded.
char take_unreserved(std::string_view& text) noexcept
{
    const auto byte = escaped_byte(text, 0);
    const bool decodes = byte && is_unreserved(*byte);
    const char c = decodes ? *byte : text.front();
    text.remove_prefix(decodes ? 3 : 1);
    return c;
}

/// `%25` is a percent sign; before two hex digits it becomes an escape for whoever decodes twice.
/// Those digits may themselves be written as escapes.
bool starts_with_two_hex_digits(std::string_view rest) noexcept
{
    for (int digit = 0; digit < 2; ++digit) {
        if (rest.empty() || hex_value(take_unreserved(rest)) < 0) return false;
    }
    return true;
}

/// `byte` is what an escape stands for, `behind` what comes after that escape.
bool is_refused_escape(char byte, std::string_view behind) noexcept
{
    return is_refused_escape(byte) ||
           (enforced("path.double_encoding") && byte == '%' && starts_with_two_hex_digits(behind));
}

enum class Verdict { refused, plain, has_unreserved_escapes };

Verdict judge_bytes(std::string_view path) noexcept
{
    auto verdict = Verdict::plain;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            if (is_refused_byte(path[i])) return Verdict::refused;
            continue;
        }
        const auto byte = escaped_byte(path, i);
        if (!byte) {
            if (enforced("path.bad_escape")) return Verdict::refused;
            continue;
        }
        if (is_refused_escape(*byte, path.substr(i + 3))) return Verdict::refused;
        if (is_unreserved(*byte)) verdict = Verdict::has_unreserved_escapes;
        i += 2;
    }
    return verdict;
}

/// Whether there is an empty segment (other than the last), `.` or `..`.
bool needs_resolving(std::string_view path) noexcept
{
    for (auto rest = path.substr(1); !rest.empty();) {
        const auto segment = take_segment(rest);
        if (segment.empty() || segment == "." || segment == "..") return true;
    }
    return false;
}

void decode_unreserved(std::string_view path, std::string& out)
{
    out.clear();
    while (!path.empty()) out += take_unreserved(path);
}

/// Resolves `//`, `.` and `..` in place: what is written never overtakes what is read.
/// false: `..` above the root.
bool resolve(std::string& path)
{
    auto rest = std::string_view{path}.substr(1);
    std::size_t size = 1; // what is kept so far ends in a slash, or is finished
    while (!rest.empty()) {
        const bool last = rest.find('/') == rest.npos;
        const auto segment = take_segment(rest);
        if (segment.empty() || segment == ".") continue;
        if (segment == "..") {
            if (enforced("path.above_root") && size == 1) return false;
            if (size > 1) size = path.rfind('/', size - 2) + 1;
            continue;
        }
        std::copy(segment.begin(), segment.end(), path.begin() + static_cast<std::ptrdiff_t>(size));
        size += segment.size();
        if (!last) path[size++] = '/';
    }
    path.resize(size);
    return true;
}

/// `/..;x/` is `/../` and `/;x/` is `//` for a reader that cuts parameters off first.
bool hides_segment(std::string_view segment) noexcept
{
    const auto name = without_params(segment);
    return name.size() != segment.size() && (name.empty() || name == "." || name == "..");
}

/// `/..%3bx/` becomes `/..;x/` where nginx or Apache send on what they have decoded.
bool hides_dots(std::string_view segment) noexcept
{
    const auto escape = std::min(segment.find("%3b"), segment.find("%3B"));
    const auto name = segment.substr(0, escape);
    return escape != segment.npos && (name == "." || name == "..");
}

Result<NormalPath, RefusalCode> with_params(std::string_view path) noexcept
{
    NormalPath normal{path, path.find(';') != path.npos};
    if (!normal.has_params && path.find('%') == path.npos) return normal;
    for (auto rest = path.substr(1); !rest.empty();) {
        const auto segment = take_segment(rest);
        if (enforced("path.hidden_segment") && hides_segment(segment))
            return RefusalCode::bad_request;
        if (enforced("path.hidden_dots") && hides_dots(segment)) return RefusalCode::bad_request;
    }
    return normal;
}

} // namespace

Result<NormalPath, RefusalCode> normalise_path(std::string_view path, std::string& scratch)
{
    if (path.empty() || path.front() != '/') return RefusalCode::bad_request;
    if (is_simple(path)) return NormalPath{path, false};
    const auto verdict = judge_bytes(path);
    if (verdict == Verdict::refused) return RefusalCode::bad_request;
    if (verdict == Verdict::plain && !needs_resolving(path)) return with_params(path);

    decode_unreserved(path, scratch);
    if (!resolve(scratch)) return RefusalCode::bad_request;
    return with_params(scratch);
}

bool has_segments_to_resolve(std::string_view path)
{
    std::string decoded;
    decode_unreserved(path, decoded);
    return decoded.starts_with('/') && needs_resolving(decoded);
}

} // namespace gatehouse::gateway
