#include "gateway/headers/forwarded.hpp"

#include "gateway/headers/networks.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t most_port_digits = 5;

/// Names that hide something: letters, digits and `._-` behind an underscore.
bool is_obfuscated(std::string_view text) noexcept
{
    return text.size() > 1 && text.front() == '_' &&
           std::ranges::all_of(text.substr(1), [](char c) {
               return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
           });
}

bool is_port(std::string_view text) noexcept
{
    if (is_obfuscated(text)) return true;
    return !text.empty() && text.size() <= most_port_digits && std::ranges::all_of(text, is_digit);
}

/// Who is named by the value of `for`: an address, or an empty text for somebody hidden. Nothing:
/// it is neither.
std::optional<std::string_view> node_in(std::string_view value) noexcept
{
    const bool bracketed = value.starts_with('[');
    const auto end = value.find(bracketed ? ']' : ':');
    if (bracketed && end == value.npos) return std::nullopt;
    const auto name = bracketed ? value.substr(1, end - 1) : value.substr(0, end);
    const auto port = value.substr(name.size() + (bracketed ? 2 : 0));
    if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) return std::nullopt;
    if (!bracketed && (equal_ignoring_case(name, "unknown") || is_obfuscated(name)))
        return std::string_view();
    const bool v6 = name.find(':') != name.npos;
    if (v6 != bracketed || !is_address(name)) return std::nullopt;
    return name;
}

/// Reads a line from its beginning.
class Reader {
public:
    explicit Reader(std::string_view line) noexcept : rest_(line) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    /// One element and the comma behind it. Nothing: it is not one.
    std::optional<ForwardedHop> hop() noexcept
    {
        ForwardedHop hop;
        said_ = {};
        empty_ = true;
        skip_blanks();
        for (;;) {
            if (!rest_.empty() && rest_.front() != ';' && rest_.front() != ',' && !pair(hop))
                return std::nullopt;
            skip_blanks();
            if (!take(';')) break;
            skip_blanks();
        }
        if (!rest_.empty() && !take(',')) return std::nullopt;
        return hop;
    }

    /// There was nothing in it, as between two commas.
    [[nodiscard]] bool was_empty() const noexcept { return empty_; }

private:
    struct Said {
        bool who = false;
        bool by = false;
        bool proto = false;
        bool host = false;
    };

    bool take(char c) noexcept
    {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_blanks() noexcept
    {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }

    std::string_view token() noexcept
    {
        const auto text = rest_.substr(0, token_prefix(rest_));
        rest_.remove_prefix(text.size());
        return text;
    }

    /// `name=value`, no name twice in one element.
    bool pair(ForwardedHop& hop) noexcept
    {
        empty_ = false;
        const auto name = token();
        if (name.empty() || !take('=')) return false;
        const bool quoted = rest_.starts_with('"');
        const auto value = quoted ? text_in_quotes() : std::optional(token());
        if (!value || (!quoted && value->empty())) return false;
        return note(hop, name, *value);
    }

    bool note(ForwardedHop& hop, std::string_view name, std::string_view value) noexcept
    {
        if (equal_ignoring_case(name, "for")) {
            const auto node = node_in(value);
            if (!node) return false;
            hop.address = *node;
            return !std::exchange(said_.who, true);
        }
        if (equal_ignoring_case(name, "by"))
            return node_in(value) && !std::exchange(said_.by, true);
        if (equal_ignoring_case(name, "proto")) {
            hop.proto = value;
            return !std::exchange(said_.proto, true);
        }
        if (equal_ignoring_case(name, "host")) {
            hop.host = value;
            return !std::exchange(said_.host, true);
        }
        return true; // somebody's own
    }

    /// Nothing: they do not end. Nobody writes an address, a scheme or a host with a backslash.
    std::optional<std::string_view> text_in_quotes() noexcept
    {
        rest_.remove_prefix(1);
        bool escaped = false;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                escaped = true;
                ++i;
            } else if (rest_[i] == '"') {
                const auto text = rest_.substr(0, i);
                rest_.remove_prefix(i + 1);
                return escaped ? std::string_view("\\") : text;
            }
        }
        return std::nullopt;
    }

    std::string_view rest_;
    Said said_;
    bool empty_ = true;
};

} // namespace

std::optional<ForwardedLine> ForwardedLine::read(std::string_view line) noexcept
{
    ForwardedLine all;
    Reader reader(line);
    while (!reader.at_end()) {
        const auto hop = reader.hop();
        if (!hop) return std::nullopt;
        if (!reader.was_empty()) all.add(*hop);
    }
    return all;
}

std::string_view without_port(std::string_view text) noexcept
{
    const auto bracket = text.find(']');
    if (text.starts_with('[') && bracket != text.npos) return text.substr(1, bracket - 1);
    const auto colon = text.find(':');
    const bool one_colon = colon != text.npos && text.find(':', colon + 1) == text.npos;
    return one_colon ? text.substr(0, colon) : text;
}

} // namespace gatehouse::gateway
