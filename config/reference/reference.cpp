#include "config/reference/reference.hpp"

#include "config/settings/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::config {
namespace {

std::string code(std::string_view text)
{
    return fmt::format("`{}`", text);
}

// What a default looks like in YAML.
std::string show(const std::string& value, const Form&)
{
    return value.empty() ? "not set" : code(value);
}

std::string show(const std::vector<std::string>& value, const Form&)
{
    return value.empty() ? "none" : code(fmt::format("[{}]", fmt::join(value, ", ")));
}

std::string show(bool value, AsTyped)
{
    return code(value ? "true" : "false");
}

std::string show(std::uint64_t value, CountRange)
{
    return code(fmt::to_string(value));
}

std::string show(std::uint64_t value, SizeRange)
{
    return code(format_size(value));
}

std::string show(double value, Ratio)
{
    return code(fmt::to_string(value));
}

std::string show(Millis value, DurationRange)
{
    return code(format_duration(value));
}

std::string show(const RoleScopes&, const Form&) // nobody has any
{
    return "none";
}

std::string show(const HeaderLines&, const Form&) // nobody has any
{
    return "none";
}

std::string show(const Shape&, Drawing) // none has a default
{
    return "not set";
}

template <class E>
    requires std::is_enum_v<E>
std::string show(E value, AsTyped)
{
    return code(word_for(value));
}

template <class T, class Limit>
std::string show(const std::optional<T>& value, const Limit& limit)
{
    return value ? show(*value, limit) : "not set";
}

// What is allowed.
template <class T>
std::string allowed(const Form& form)
{
    if constexpr (std::is_same_v<T, RoleScopes>) {
        return fmt::format("roles, or `*`, each with a list of {}", form.name);
    } else if constexpr (std::is_same_v<T, HeaderLines>) {
        return fmt::format("header names, each with a {}", form.name);
    } else if constexpr (std::is_same_v<T, std::vector<EndpointSettings>>) {
        return fmt::format("each {}, or a map: such a `url` and a `weight` from 0 to {}", form.name,
                           most_weight);
    }
    return form.name;
}

template <class T>
std::string allowed(CountRange range)
{
    return fmt::format("{} to {}", range.least, range.most);
}

template <class T>
std::string allowed(SizeRange range)
{
    return fmt::format("{}{} to {}", range.zero ? "0, " : "", format_size(range.least),
                       format_size(range.most));
}

template <class T>
std::string allowed(Ratio)
{
    return "0 to 1";
}

template <class T>
std::string allowed(DurationRange range)
{
    return fmt::format("{} to {}", format_duration(range.least), format_duration(range.most));
}

template <class T>
std::string allowed(Drawing drawing)
{
    std::vector<std::string> fills;
    for (const auto& word : words(Fill{})) {
        if (may_show(drawing, word.value)) fills.push_back(code(fmt::format("${}", word.text)));
    }
    return fmt::format("names with texts, {} or maps of them", fmt::join(fills, ", "));
}

template <class T>
struct Inner {
    using type = T;
};

template <class T>
struct Inner<std::optional<T>> {
    using type = T;
};

template <class T>
std::string allowed(AsTyped)
{
    using Value = typename Inner<T>::type;
    if constexpr (std::is_same_v<Value, bool>) {
        return "`true`, `false`";
    } else {
        std::vector<std::string> texts;
        for (const auto& word : words(Value{})) texts.push_back(code(word.text));
        return fmt::format("{}", fmt::join(texts, ", "));
    }
}

/// What is said of a key or section that a reload cannot change.
constexpr std::string_view restart = " **Needs a restart.**";

std::string told(const char* sentence)
{
    return sentence;
}

std::string told(AtStart only)
{
    return only.sentence + std::string(restart);
}

/// The table that prints: one row for each key, and the sections below it behind each other.
template <class S>
class Printer {
public:
    explicit Printer(std::string prefix) : prefix_(std::move(prefix)) {}

    template <class T, class Limit, class Sentence>
    void key(std::string_view name, T S::* member, const Limit& limit, Sentence sentence)
    {
        row(name, show(defaults_.*member, limit), allowed<T>(limit), told(sentence));
    }

    template <class T, class Limit>
    void required(std::string_view name, T S::*, const Limit& limit, const char* sentence)
    {
        row(name, "**required**", allowed<T>(limit), sentence);
    }

    template <class T, class Sentence>
    void section(std::string_view name, T S::*, Sentence sentence)
    {
        using Value = typename Inner<T>::type;
        append<Value>(fmt::format("{}{}", prefix_, name), told(sentence));
    }

    template <class T>
    void list(std::string_view name, std::vector<T> S::*, const char* sentence)
    {
        append<T>(fmt::format("{}{}[]", prefix_, name), sentence);
    }

    template <class T>
    void map(std::string_view name, std::map<std::string, T> S::*, const Form&,
             const char* sentence)
    {
        append<T>(fmt::format("{}{}.<name>", prefix_, name), sentence);
    }

    void auth_rule(std::string_view name, AuthMode S::* mode, const char* sentence)
    {
        row(name, show(defaults_.*mode, AsTyped{}),
            allowed<AuthMode>(AsTyped{}) + ", `{roles: [..]}`", sentence);
        Printer rule{fmt::format("{}{}.", prefix_, name)};
        S::describe_auth(rule);
        std::ranges::move(rule.rows_, std::back_inserter(rows_));
    }

    template <class T, class Limit>
    void any_of(std::string_view name, T S::*, const Limit& limit, const char* sentence)
    {
        const auto* const shape = std::is_same_v<T, std::vector<ClaimRule>>
                                      ? "a map: {} to a value or a list of values"
                                      : "{}";
        row(name, "not set", fmt::format(fmt::runtime(shape), allowed<T>(limit)), sentence);
    }

    template <class T>
    void switched(std::string_view name, T S::* member, const char* sentence)
    {
        row(name, show((defaults_.*member).on, AsTyped{}),
            allowed<bool>(AsTyped{}) + ", or a map with what stands below `" + std::string(name) +
                "`",
            sentence);
        append<T>(fmt::format("{}{}", prefix_, name), sentence);
    }

    void not_yet(std::string_view, const char*) {}

    /// Its own rows first; then the sections below it, each before those below itself.
    [[nodiscard]] std::vector<ReferenceSection> sections(std::string path, std::string meaning) &&
    {
        sections_.insert(sections_.begin(),
                         {std::move(path), std::move(meaning), std::move(rows_)});
        return std::move(sections_);
    }

private:
    void row(std::string_view name, std::string standard, std::string allowed,
             std::string_view sentence)
    {
        rows_.push_back({fmt::format("{}{}", prefix_, name), std::move(standard),
                         std::move(allowed), std::string{sentence}});
    }

    template <class T>
    void append(const std::string& path, std::string_view sentence)
    {
        Printer<T> printer{path + "."};
        T::describe(printer);
        auto inner = std::move(printer).sections(path, std::string{sentence});
        std::ranges::move(inner, std::back_inserter(sections_));
    }

    std::string prefix_;
    S defaults_{};
    std::vector<ReferenceRow> rows_;
    std::vector<ReferenceSection> sections_;
};

std::string table_of(const std::vector<ReferenceRow>& rows)
{
    if (rows.empty()) return {};
    std::string table = "| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n";
    for (const auto& row : rows) {
        table += fmt::format("| `{}` | {} | {} | {} |\n", row.key, row.standard, row.allowed,
                             row.meaning);
    }
    return table;
}

} // namespace

std::vector<ReferenceSection> configuration_sections()
{
    Printer<Settings> printer{""};
    Settings::describe(printer);
    return std::move(printer).sections("", "");
}

std::string configuration_reference()
{
    std::string text;
    for (const auto& section : configuration_sections()) {
        if (!section.path.empty()) {
            text += fmt::format("\n## `{}`\n\n{}\n\n", section.path, section.meaning);
        }
        text += table_of(section.rows);
    }
    return text;
}

} // namespace gatehouse::config
