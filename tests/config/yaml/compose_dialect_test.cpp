#include "config/yaml/read.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

struct Reading {
    Node root;
    std::string errors;
};

Reading read(const std::string& text, YamlDialect dialect = YamlDialect::compose)
{
    Report report{"compose.yaml", text};
    auto root = read_yaml(report, dialect);
    return {std::move(root), to_string(report.errors())};
}

TEST(ComposeDialect, PutsWhatAnAliasMeansInItsPlace)
{
    const auto [root, errors] = read("x: &ports [1, {a: b}]\n"
                                     "y: *ports\n"
                                     "z: &word !!str text\n"
                                     "w: [*word, *ports]\n");
    EXPECT_EQ(errors, "");
    EXPECT_EQ(nearest_node(root, "y[0]").text, "1");
    EXPECT_EQ(nearest_node(root, "y[1].a").text, "b");
    EXPECT_EQ(nearest_node(root, "w[0]").text, "text");
    EXPECT_EQ(nearest_node(root, "w[1][1].a").text, "b");
}

TEST(ComposeDialect, IsNotThatOfOurOwnFiles)
{
    const std::string text = "x: &a 1\ny: *a\n";
    EXPECT_EQ(read(text).errors, "");
    const auto errors = read(text, YamlDialect::settings).errors;
    EXPECT_THAT(errors, HasSubstr("anchors are not supported"));
    EXPECT_THAT(errors, HasSubstr("aliases are not supported"));
}

TEST(ComposeDialect, LeavesOutAnAliasOfWhatItStandsIn)
{
    const auto [root, errors] = read("x: &a {y: *a, z: 1}\n");
    EXPECT_EQ(errors, "");
    EXPECT_EQ(nearest_node(root, "x.y").kind, Node::Kind::null);
    EXPECT_EQ(nearest_node(root, "x.z").text, "1");
}

TEST(ComposeDialect, StopsWhereAliasesMultiply)
{
    // Each line ten times the one before: ten lines would be ten billion values.
    std::string text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    for (int i = 1; i < 10; ++i) {
        const auto name = "a" + std::to_string(i);
        const auto before = "*a" + std::to_string(i - 1);
        text += name + ": &" + name + " [" + before;
        for (int j = 1; j < 10; ++j) text += ", " + before;
        text += "]\n";
    }
    EXPECT_THAT(read(text).errors, HasSubstr("more than 1000000 values"));
}

TEST(ComposeDialect, StopsWhereAliasesNest)
{
    std::string text = "a0: &a0 [1]\n";
    for (int i = 1; i < 5000; ++i) {
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" +
                std::to_string(i - 1) + "]\n";
    }
    EXPECT_THAT(read(text).errors, HasSubstr("more than 1000000 values"));
}

TEST(ComposeDialect, KeepsTheOtherBounds)
{
    EXPECT_THAT(read(std::string(20, '[') + std::string(20, ']')).errors, HasSubstr("levels deep"));
    EXPECT_THAT(read("services: {}\nservices: {}\n").errors, HasSubstr("a second time"));
    EXPECT_THAT(read("a: [1\nb: 2\n").errors, HasSubstr("this is not YAML"));
    EXPECT_THAT(read("- a\n").errors, HasSubstr("begin with `services:`"));
    EXPECT_THAT(read("a: 1\n---\nb: 1\n").errors, HasSubstr("second document"));
}

} // namespace
} // namespace gatehouse::config
