#include "config/reference/schema.hpp"

#include "config/forms/pattern.hpp"
#include "config/reference/schema_value.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace gatehouse::config {
namespace {

using schema::Array;
using schema::InnerOf;
using schema::Object;

/// The table that draws: one property for each key, an object for each section.
template <class S>
class Drawer {
public:
    template <class T, class Limit>
    void key(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        auto drawn = described(schema::of<InnerOf<T>>(limit), sentence);
        auto standard = schema::standard(defaults_.*member, limit);
        if (!standard.is_null()) drawn["default"] = std::move(standard);
        properties_[name] = std::move(drawn);
    }

    template <class T, class Limit>
    void required(std::string_view name, T S::*, const Limit& limit, const char* sentence)
    {
        properties_[name] = described(not_empty(schema::of<T>(limit)), sentence);
        required_.push_back(boost::json::value(name));
    }

    template <class T>
    void section(std::string_view name, T S::*, const char* sentence)
    {
        properties_[name] = described(object_of<InnerOf<T>>(), sentence);
    }

    template <class T>
    void list(std::string_view name, std::vector<T> S::*, const char* sentence)
    {
        Object items{
            {"type",  "array"       },
            {"items", object_of<T>()}
        };
        properties_[name] = described(std::move(items), sentence);
    }

    template <class T>
    void map(std::string_view name, std::map<std::string, T> S::*, const Form& form,
             const char* sentence)
    {
        Object entries{
            {"type",                 "object"                             },
            {"propertyNames",        Object{{"pattern", pattern_of(form)}}},
            {"additionalProperties", object_of<T>()                       }
        };
        properties_[name] = described(std::move(entries), sentence);
    }

    void auth_rule(std::string_view name, AuthMode S::* mode, const char* sentence)
    {
        Drawer rule;
        S::describe_auth(rule);
        auto conditions = rule.object();
        conditions["minProperties"] = 1;
        auto drawn = schema::of<AuthMode>(AsTyped{});
        drawn["anyOf"].as_array().push_back(std::move(conditions));
        drawn["default"] = boost::json::value(word_for(defaults_.*mode));
        properties_[name] = described(std::move(drawn), sentence);
    }

    template <class T, class Limit>
    void any_of(std::string_view name, T S::*, const Limit& limit, const char* sentence)
    {
        properties_[name] = described(not_empty(schema::of<T>(limit)), sentence);
    }

    template <class T>
    void switched(std::string_view name, T S::* member, const char* sentence)
    {
        auto drawn = schema::any_of({schema::boolean(), object_of<T>()});
        drawn["default"] = (defaults_.*member).on;
        properties_[name] = described(std::move(drawn), sentence);
    }

    void not_yet(std::string_view, const char*) {}

    [[nodiscard]] Object object() const
    {
        Object drawn{
            {"type",                 "object"   },
            {"additionalProperties", false      },
            {"properties",           properties_}
        };
        if (!required_.empty()) drawn["required"] = required_;
        return drawn;
    }

private:
    template <class T>
    static Object object_of()
    {
        Drawer<T> drawer;
        T::describe(drawer);
        auto drawn = drawer.object();
        if constexpr (std::is_same_v<T, RouteSettings>) { // it forwards or redirects
            drawn["oneOf"] = Array{having("to"), having("redirect")};
        }
        return drawn;
    }

    /// Strict readers want to see the name of what they require.
    static Object having(std::string_view name)
    {
        return Object{
            {"properties", Object{{name, Object{}}}},
            {"required",   Array{name}             }
        };
    }

    /// Beside a `$ref` nothing else counts.
    static Object described(Object drawn, const char* sentence)
    {
        if (drawn.contains("$ref")) {
            drawn = Object{
                {"allOf", Array{std::move(drawn)}}
            };
        }
        Object with{
            {"description", sentence}
        };
        for (auto& member : drawn) with[member.key()] = std::move(member.value());
        return with;
    }

    static Object not_empty(Object drawn)
    {
        const auto* type = drawn.if_contains("type");
        if (type == nullptr) return drawn;
        const bool is_list = *type == "array";
        const bool is_object = *type == "object";
        if (is_list) drawn["minItems"] = 1; // and `type` is where members were before
        if (is_object) drawn["minProperties"] = 1;
        return drawn;
    }

    S defaults_{};
    Object properties_;
    Array required_;
};

/// Two blanks for each level; what holds nothing but scalars stays on one line.
void print(const boost::json::value& value, std::string& out, std::size_t depth)
{
    const auto is_flat = [](const auto& inner) { return !inner.is_object() && !inner.is_array(); };
    const auto line = [&](std::size_t level) { out += "\n" + std::string(2 * level, ' '); };
    if (const auto* list = value.if_array();
        list != nullptr && !std::ranges::all_of(*list, is_flat)) {
        out += "[";
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (i > 0) out += ",";
            line(depth + 1);
            print((*list)[i], out, depth + 1);
        }
        line(depth);
        out += "]";
    } else if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += "{";
        bool first = true;
        for (const auto& member : *object) {
            if (!std::exchange(first, false)) out += ",";
            line(depth + 1);
            out += boost::json::serialize(boost::json::string(member.key())) + ": ";
            print(member.value(), out, depth + 1);
        }
        line(depth);
        out += "}";
    } else {
        out += boost::json::serialize(value);
    }
}

} // namespace

std::string configuration_schema()
{
    Drawer<Settings> drawer;
    Settings::describe(drawer);
    Object root{
        {"$schema",     "http://json-schema.org/draft-07/schema#"            },
        {"title",       "Gatehouse"                                          },
        {"description", "What a gateway is told. More: docs/CONFIGURATION.md"},
        {"definitions", schema::definitions()                                }
    };
    for (auto& member : drawer.object()) root[member.key()] = member.value();
    std::string out;
    print(root, out, 0);
    return out + "\n";
}

} // namespace gatehouse::config
