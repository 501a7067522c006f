#include "config/load/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

std::string_view kind_name(Node::Kind kind)
{
    switch (kind) {
    case Node::Kind::null:
        return "no value";
    case Node::Kind::scalar:
        return "a single value";
    case Node::Kind::list:
        return "a list";
    case Node::Kind::map:
        return "a map of keys";
    case Node::Kind::broken:
        break;
    }
    return "something unreadable";
}

void complain(const Node& node, const std::string& key, std::string_view what, std::string hint,
              Report& report)
{
    report.error(node, key, {fmt::format("{} {}", quoted(node), what), std::move(hint)});
}

/// Reads what `parse` makes of the scalar, when it is within `least` and `most`.
template <class T, class Parse, class Format>
std::optional<T> read_number(const Node& node, const std::string& key, std::string_view what,
                             const char* hint, Parse parse, Format format, T least, T most,
                             Report& report)
{
    if (!is_a(Node::Kind::scalar, node, key, hint, report)) return {};
    const std::optional<T> value = parse(node.text);
    if (!value) {
        complain(node, key, fmt::format("is not {}", what), hint, report);
        return {};
    }
    if (*value < least || *value > most) {
        complain(node, key, "is out of range",
                 fmt::format("allowed: {} to {}", format(least), format(most)), report);
        return {};
    }
    return value;
}

constexpr auto duration_hint = "write a number and a unit (s, m, h or d), for example 15m";
constexpr auto millis_hint =
    "write a number and a unit (ms, s, m, h or d), for example 250ms or 30s";

std::optional<Millis> read_duration(const Node& node, const std::string& key, DurationRange range,
                                    const char* hint, Report& report)
{
    return read_number(node, key, "a duration", hint, parse_duration, format_duration, range.least,
                       range.most, report);
}

} // namespace

bool is_a(Node::Kind wanted, const Node& node, const std::string& key, const std::string& hint,
          Report& report)
{
    if (node.kind == wanted) return true;
    if (node.kind == Node::Kind::broken) return false;
    if (node.kind == Node::Kind::null) {
        report.error(node, key, {"has no value", "write one, or remove the line"});
        return false;
    }
    report.error(
        node, key,
        {fmt::format("expected {}, found {}", kind_name(wanted), kind_name(node.kind)), hint});
    return false;
}

std::optional<std::size_t> read_word(const Node& node, const std::string& key,
                                     std::span<const std::string_view> words, Report& report)
{
    if (!is_a(Node::Kind::scalar, node, key, nearest_hint("", words), report)) return {};
    const auto found = std::ranges::find(words, node.text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    complain(node, key, "is not known here", nearest_hint(node.text, words), report);
    return {};
}

void read(const Node& node, const std::string& key, std::string& value, const Form& form,
          Report& report)
{
    if (!is_a(Node::Kind::scalar, node, key, "write one value behind the colon", report)) return;
    auto problem = form.check(node.text);
    if (!problem) {
        value = node.text;
        return;
    }
    // A form's message quotes the value, which after a replacement may be a secret.
    if (node.written) problem->message = quoted(node) + " does not have the right form";
    report.error(node, key, std::move(*problem));
}

void read(const Node& node, const std::string& key, std::vector<std::string>& value,
          const Form& form, Report& report)
{
    const auto hint = node.kind == Node::Kind::scalar ? fmt::format("write [{}]", node.text)
                                                      : "write a list, such as [one, two]";
    if (!is_a(Node::Kind::list, node, key, node.written ? "write a list" : hint, report)) return;
    std::vector<std::string> list;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto item_key = fmt::format("{}[{}]", key, i);
        std::string item;
        read(node.items[i], item_key, item, form, report);
        if (!item.empty() && std::ranges::find(list, item) != list.end()) {
            complain(node.items[i], item_key, "stands in this list already", "remove it", report);
        }
        list.push_back(std::move(item));
    }
    value = std::move(list);
}

void read(const Node& node, const std::string& key, bool& value, AsTyped, Report& report)
{
    constexpr auto hint = "write true or false";
    if (!is_a(Node::Kind::scalar, node, key, hint, report)) return;
    const auto read = parse_boolean(node.text);
    if (read) {
        value = *read;
    } else {
        complain(node, key, "is neither true nor false", hint, report);
    }
}

void read(const Node& node, const std::string& key, std::uint32_t& value, CountRange range,
          Report& report)
{
    const auto read = read_number(
        node, key, "a whole number", "write digits without a leading zero", parse_count,
        [](std::uint64_t n) { return n; }, range.least, range.most, report);
    if (read) value = static_cast<std::uint32_t>(*read);
}

void read(const Node& node, const std::string& key, std::uint64_t& value, SizeRange range,
          Report& report)
{
    if (range.zero && node.kind == Node::Kind::scalar && node.text == "0") {
        value = 0;
        return;
    }
    const auto read = read_number(
        node, key, "a size", "write a number and a unit (B, KiB, MiB or GiB), for example 1MiB",
        parse_size, format_size, range.least, range.most, report);
    if (read) value = *read;
}

void read(const Node& node, const std::string& key, double& value, Ratio, Report& report)
{
    constexpr auto hint = "write a number from 0 to 1, for example 0.1";
    if (!is_a(Node::Kind::scalar, node, key, hint, report)) return;
    if (const auto read = parse_ratio(node.text)) {
        value = *read;
    } else {
        complain(node, key, "is not a part of 1", hint, report);
    }
}

void read(const Node& node, const std::string& key, std::chrono::milliseconds& value,
          DurationRange range, Report& report)
{
    if (const auto read = read_duration(node, key, range, millis_hint, report)) value = *read;
}

void read(const Node& node, const std::string& key, std::chrono::seconds& value,
          DurationRange range, Report& report)
{
    const auto read = read_duration(node, key, range, duration_hint, report);
    if (!read) return;
    const auto whole = std::chrono::floor<std::chrono::seconds>(*read);
    if (whole == *read) {
        value = whole;
    } else {
        complain(node, key, "is not a whole number of seconds", duration_hint, report);
    }
}

} // namespace gatehouse::config
