#include "config/reference/schema_value.hpp"

#include "config/forms/pattern.hpp"

#include <algorithm>

namespace gatehouse::config::schema {
namespace {

constexpr auto whole_number = "(0|[1-9][0-9]*)";

Array scalar_types()
{
    return {"string", "number", "boolean"};
}

Object reference(std::string_view name)
{
    return {
        {"$ref", "#/definitions/" + std::string{name}}
    };
}

Object pattern(std::string_view text)
{
    return {
        {"type",    "string"},
        {"pattern", text    }
    };
}

Object list_of(Object item)
{
    return {
        {"type",        "array"        },
        {"items",       std::move(item)},
        {"uniqueItems", true           }
    };
}

Object map_to(boost::json::value value)
{
    return {
        {"type",                 "object"        },
        {"additionalProperties", std::move(value)}
    };
}

/// An object as an operator draws it.
Object drawn(std::string_view itself, Drawing drawing)
{
    Array leaves{Object{{"type", Array{"number", "boolean"}}}};
    Array fills;
    for (const auto& word : words(Fill{})) {
        if (may_show(drawing, word.value)) fills.push_back(("$" + std::string{word.text}).c_str());
    }
    leaves.push_back(Object{
        {"enum", std::move(fills)}
    });
    leaves.push_back(pattern("^(?!\\$)"));
    leaves.push_back(reference(itself));
    auto object = map_to(any_of(std::move(leaves)));
    object["minProperties"] = 1;
    return object;
}

} // namespace

Object any_of(Array alternatives)
{
    alternatives.push_back(reference("replacement"));
    return {
        {"anyOf", std::move(alternatives)}
    };
}

Object definitions()
{
    auto replacement = pattern("\\$\\{");
    replacement["description"] = "${NAME}, ${NAME:-default} or ${file:/path}";
    return {
        {"replacement", std::move(replacement)},
        {"text", Object{{"type", scalar_types()}}},
        {"duration", any_of({pattern(std::string{"^"} + whole_number + "(ms|s|m|h|d)$"),
                             Object{{"enum", Array{0, "0"}}}})},
        {"answer", drawn("answer", Drawing{})},
        {"answer_claims", drawn("answer_claims", Drawing{.tokens = false})}
    };
}

Object text(const Form& form)
{
    const auto known = pattern_of(form);
    if (known.empty()) return reference("text");
    return any_of({
        Object{{"type", scalar_types()}, {"pattern", known}}
    });
}

Object texts(const Form& form)
{
    return list_of(text(form));
}

Object boolean()
{
    return any_of({Object{{"type", "boolean"}}, Object{{"enum", Array{"true", "false"}}}});
}

Object number(CountRange range)
{
    return any_of({
        Object{{"type", "integer"}, {"minimum", range.least}, {"maximum", range.most}},
        pattern(std::string{"^"}
        + whole_number + "$")
    });
}

Object size(SizeRange range)
{
    return any_of({
        Object{{"type", "integer"},
               {"minimum", range.zero ? 0 : range.least},
               {"maximum", range.most}},
        pattern(std::string{"^"}
        + whole_number + "(B|KiB|MiB|GiB)?$")
    });
}

Object ratio()
{
    return any_of({
        Object{{"type", "number"}, {"minimum", 0}, {"maximum", 1}},
        pattern("^(0(\\.[0-9]{1,9})?|1(\\.0{1,9})?)$")
    });
}

Object duration()
{
    return reference("duration");
}

Object endpoints(const Form& url)
{
    Object both{
        {"type",                 "object"                                                             },
        {"additionalProperties", false                                                                },
        {"properties",           Object{{"url", text(url)}, {"weight", number(count(0, most_weight))}}},
        {"required",             Array{"url"}                                                         }
    };
    auto one = text(url);
    one["anyOf"].as_array().push_back(std::move(both));
    return list_of(std::move(one));
}

Object claim_rules()
{
    auto values = list_of(reference("text"));
    values["minItems"] = 1;
    return map_to(Object{
        {"anyOf", Array{reference("text"), std::move(values)}}
    });
}

Object role_scopes(const Form& scope)
{
    return map_to(texts(scope));
}

Object header_lines(const Form& value)
{
    auto lines = map_to(text(value));
    lines["propertyNames"] = Object{
        {"pattern", pattern_of(forms::header_name)}
    };
    return lines;
}

Object shape(Drawing drawing)
{
    return reference(drawing.tokens ? "answer" : "answer_claims");
}

Object words_of(const std::vector<std::string_view>& words)
{
    Array all;
    for (const auto word : words) {
        all.push_back(boost::json::value(word));
        if (const auto number = parse_count(word)) all.push_back(*number);
    }
    return any_of({Object{{"enum", std::move(all)}}});
}

boost::json::value list(const std::vector<std::string>& texts)
{
    if (texts.empty()) return {};
    Array all;
    for (const auto& text : texts) all.emplace_back(text);
    return all;
}

} // namespace gatehouse::config::schema
