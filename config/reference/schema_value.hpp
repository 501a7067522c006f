#pragma once

#include "config/settings/settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <type_traits>

/// One schema for each type a key can have, and its default. Scalars are text to the reader, so
/// that `2001` may be a role and `"8"` a number of workers; and each may be made of replacements.
namespace gatehouse::config::schema {

using Object = boost::json::object;
using Array = boost::json::array;

template <class T>
struct Inner {
    using type = T;
};

template <class T>
struct Inner<std::optional<T>> {
    using type = T;
};

template <class T>
using InnerOf = typename Inner<T>::type;

/// What stands once under `definitions`.
[[nodiscard]] Object definitions();

/// Any of these, or what holds a replacement.
[[nodiscard]] Object any_of(Array alternatives);

[[nodiscard]] Object text(const Form& form);
[[nodiscard]] Object texts(const Form& form);
[[nodiscard]] Object boolean();
[[nodiscard]] Object number(CountRange range);
[[nodiscard]] Object size(SizeRange range);
[[nodiscard]] Object ratio();
[[nodiscard]] Object duration();
[[nodiscard]] Object endpoints(const Form& url);
[[nodiscard]] Object claim_rules();
[[nodiscard]] Object role_scopes(const Form& scope);
[[nodiscard]] Object header_lines(const Form& value);
[[nodiscard]] Object shape(Drawing drawing);
/// A word of digits alone is a number where nobody quotes it.
[[nodiscard]] Object words_of(const std::vector<std::string_view>& words);

template <class T>
[[nodiscard]] Object of(const Form& form)
{
    if constexpr (std::is_same_v<T, RoleScopes>) {
        return role_scopes(form);
    } else if constexpr (std::is_same_v<T, HeaderLines>) {
        return header_lines(form);
    } else if constexpr (std::is_same_v<T, std::vector<ClaimRule>>) {
        return claim_rules();
    } else if constexpr (std::is_same_v<T, std::vector<EndpointSettings>>) {
        return endpoints(form);
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        return texts(form);
    } else {
        return text(form);
    }
}

template <class T>
[[nodiscard]] Object of(CountRange range)
{
    return number(range);
}

template <class T>
[[nodiscard]] Object of(SizeRange range)
{
    return size(range);
}

template <class T>
[[nodiscard]] Object of(Ratio)
{
    return ratio();
}

template <class T>
[[nodiscard]] Object of(DurationRange)
{
    return duration();
}

template <class T>
[[nodiscard]] Object of(Drawing drawing)
{
    return shape(drawing);
}

template <class T>
[[nodiscard]] Object of(AsTyped)
{
    if constexpr (std::is_same_v<T, bool>) {
        return boolean();
    } else {
        std::vector<std::string_view> texts;
        for (const auto& word : words(T{})) texts.push_back(word.text);
        return words_of(texts);
    }
}

/// A list as a default; null where it is empty.
[[nodiscard]] boost::json::value list(const std::vector<std::string>& texts);

/// The default as YAML would say it; null where there is none.
template <class T, class Limit>
[[nodiscard]] boost::json::value standard(const T& value, const Limit&)
{
    if constexpr (std::is_same_v<T, std::string>) {
        return value.empty() ? boost::json::value() : boost::json::value(value);
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<Limit, Ratio>) {
        return value;
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        return list(value);
    } else if constexpr (std::is_enum_v<T>) {
        return boost::json::value(word_for(value));
    } else if constexpr (std::is_same_v<Limit, SizeRange>) {
        return boost::json::value(format_size(value));
    } else if constexpr (std::is_same_v<Limit, CountRange>) {
        return value;
    } else if constexpr (std::is_same_v<Limit, DurationRange>) {
        return boost::json::value(format_duration(value));
    } else {
        return {}; // maps: empty, all of them
    }
}

template <class T, class Limit>
[[nodiscard]] boost::json::value standard(const std::optional<T>& value, const Limit& limit)
{
    return value ? standard(*value, limit) : boost::json::value();
}

} // namespace gatehouse::config::schema
