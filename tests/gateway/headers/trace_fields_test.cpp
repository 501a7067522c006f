#include "gateway/headers/trace_fields.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::gateway::test {
namespace {

struct Case {
    const char* name;
    std::vector<std::string> lines;
    bool is_valid;
};

std::vector<Field> fields_of(std::string_view name, const std::vector<std::string>& lines)
{
    std::vector<Field> fields{
        {"Host", "x"}
    };
    for (const auto& line : lines) fields.push_back({name, line});
    return fields;
}

/// `a0=1,a1=1,...`
std::string members(std::size_t count, const std::string& rest = "=1")
{
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) list += ',';
        list += "a" + std::to_string(i) + rest;
    }
    return list;
}

TEST(TraceState, IsPassedOnOnlyAsTheStandardHasIt) // W3C Trace Context, 3.3
{
    const std::string long_key(256, 'k');
    const std::string long_value(256, 'v');
    const Case cases[] = {
        {"one member",                     {"rojo=00f067aa0ba902b7"},                                 true },
        {"two, with blanks",               {"a=1 ,\t b=2"},                                           true },
        {"empty members",                  {",a=1,,b=2,"},                                            true },
        {"nothing",                        {""},                                                      true },
        {"over several lines",             {"a=1", "b=2,c=3"},                                        true },
        {"all marks of a key",             {"a_b-c*d/e@f=1"},                                         true },
        {"a key that begins with a digit", {"1a=1"},                                                  true },
        {"a tenant and a system",          {"tenant@system=1"},                                       true },
        {"the longest key",                {long_key + "=1"},                                         true },
        {"the longest value",              {"a=" + long_value},                                       true },
        {"a blank in a value",             {"a= b c"},                                                true },
        {"512 bytes and more",             {"a=" + long_value, "b=" + long_value, "c=" + long_value}, true },
        {"as many as there may be",        {members(32)},                                             true },
        {"one more",                       {members(33)},                                             false},
        {"one more in another line",       {members(32), "b=1"},                                      false},
        {"a key twice",                    {"a=1,b=2,a=3"},                                           false},
        {"a key twice over lines",         {"a=1", "a=1"},                                            false},
        {"a longer key",                   {long_key + "k=1"},                                        false},
        {"a longer value",                 {"a=" + long_value + "v"},                                 false},
        {"no value",                       {"a="},                                                    false},
        {"no key",                         {"=1"},                                                    false},
        {"no pair",                        {"a"},                                                     false},
        {"a capital in a key",             {"Aa=1"},                                                  false},
        {"a key that begins with a mark",  {"_a=1"},                                                  false},
        {"a blank in a key",               {"a b=1"},                                                 false},
        {"a blank before the value",       {"a =1"},                                                  false},
        {"an equals sign in a value",      {"a=1=2"},                                                 false},
        {"a control in a value",           {"a=1\t2"},                                                false},
        {"no ASCII in a value",            {"a=\xc3\xa9"},                                            false},
        {"one bad among good",             {"a=1,b,c=3"},                                             false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(is_valid_tracestate(fields_of("TraceState", c.lines)), c.is_valid);
    }
}

TEST(Baggage, IsPassedOnOnlyAsTheStandardHasIt) // W3C Baggage, 3.2
{
    const Case cases[] = {
        {"one member",                {"user=1"},                             true },
        {"blanks everywhere",         {"a = 1 ; p = 2 ;\tq , b=2"},           true },
        {"an empty value",            {"a="},                                 true },
        {"percent-encoded",           {"a=%20%C3%A9"},                        true },
        {"an equals sign in a value", {"a=b=c"},                              true },
        {"all marks of a key",        {"!#$%&'*+-.^_`|~aZ9=1"},               true },
        {"a key twice",               {"a=1,a=2"},                            true },
        {"over several lines",        {"a=1", "b=2"},                         true },
        {"as many as there may be",   {members(64)},                          true },
        {"one more",                  {members(65)},                          false},
        {"one more in another line",  {members(64), "b=1"},                   false},
        {"as long as it may be",      {"a=" + std::string(8190, 'v')},        true },
        {"one byte more",             {"a=" + std::string(8191, 'v')},        false},
        {"one more over two lines",   {"a=" + std::string(8186, 'v'), "b=1"}, true },
        {"two more over two lines",   {"a=" + std::string(8187, 'v'), "b=1"}, false},
        {"nothing",                   {""},                                   false},
        {"an empty member",           {"a=1,,b=2"},                           false},
        {"a comma at the end",        {"a=1,"},                               false},
        {"no pair",                   {"a"},                                  false},
        {"no key",                    {"=1"},                                 false},
        {"a blank in a key",          {"a b=1"},                              false},
        {"a mark in a key",           {"a(b=1"},                              false},
        {"a blank in a value",        {"a=1 2"},                              false},
        {"a quote in a value",        {"a=\"1\""},                            false},
        {"a backslash in a value",    {"a=1\\2"},                             false},
        {"no ASCII in a value",       {"a=\xc3\xa9"},                         false},
        {"an empty property",         {"a=1;"},                               false},
        {"a property without key",    {"a=1;=2"},                             false},
        {"a bad value of a property", {"a=1;p=\"2\""},                        false},
        {"one bad among good",        {"a=1,b,c=3"},                          false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(is_valid_baggage(fields_of("Baggage", c.lines)), c.is_valid);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
