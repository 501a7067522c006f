#include "gateway/command/describe/completion.hpp"
#include "gateway/command/describe/manual.hpp"
#include "gateway/command/describe/roff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const CommandFacts* find(const CommandFacts& from, std::string_view path)
{
    if (from.path == path) return &from;
    for (const auto& command : from.commands) {
        if (const auto* found = find(command, path)) return found;
    }
    return nullptr;
}

const OptionFacts* option_of(const CommandFacts& command, std::string_view name)
{
    const auto found = std::ranges::find(command.options, name, &OptionFacts::name);
    return found == command.options.end() ? nullptr : &*found;
}

TEST(CommandFacts, AreThoseOfTheCommandLine)
{
    const auto root = command_line_facts();
    ASSERT_NE(option_of(root, "--config"), nullptr);
    EXPECT_EQ(option_of(root, "--config")->value, "FILE");
    EXPECT_EQ(option_of(root, "--config")->standard, "gatehouse.yaml");

    const auto* run = find(root, "run");
    ASSERT_NE(run, nullptr);
    ASSERT_NE(option_of(*run, "--log-format"), nullptr);
    ASSERT_NE(option_of(*run, "--listen"), nullptr);
    EXPECT_EQ(option_of(*run, "--listen")->value, "ADDRESS:PORT");
    EXPECT_THAT(option_of(*run, "--log-format")->choices,
                testing::UnorderedElementsAre("json", "dev"));

    const auto* audit = find(root, "audit");
    ASSERT_NE(audit, nullptr);
    ASSERT_NE(option_of(*audit, "--limit"), nullptr);
    EXPECT_EQ(option_of(*audit, "--limit")->value, "UINT") << "without its range";

    const auto* roles = find(root, "user set-roles");
    ASSERT_NE(roles, nullptr);
    ASSERT_NE(option_of(*roles, "who"), nullptr);
    EXPECT_TRUE(option_of(*roles, "who")->positional);
    EXPECT_TRUE(option_of(*roles, "who")->required);
    EXPECT_TRUE(option_of(*roles, "roles")->repeatable);

    const auto* import = find(root, "user import");
    ASSERT_NE(import, nullptr);
    EXPECT_EQ(option_of(*import, "--dry-run")->value, "") << "a flag takes nothing";
}

/// A command line whose words try to be more than words.
CommandFacts hostile()
{
    CommandFacts root;
    root.options.push_back(
        {"--it", "it's `odd`: $(touch x) \\ 100%", "FILE", {}, "", false, false, false});
    root.commands.push_back({"go", ".B begins: it's \"quoted\"", {}, {}});
    return root;
}

TEST(Completion, QuotesWhatShellsWouldRead)
{
    EXPECT_THAT(zsh_completion(hostile()),
                HasSubstr(R"('--it:it'\''s `odd`\: $(touch x) \ 100%')"));
    EXPECT_THAT(fish_completion(hostile()), HasSubstr(R"(-d 'it\'s `odd`: $(touch x) \\ 100%')"));
    EXPECT_THAT(bash_completion(hostile()), Not(HasSubstr("touch")));
}

TEST(Completion, HasNoMarkLeft)
{
    const auto root = command_line_facts();
    for (const auto& script :
         {bash_completion(root), zsh_completion(root), fish_completion(root)}) {
        for (const auto* mark : {"@VALUED@", "@FILES@", "@PATHS@", "@CHOICES@", "@WORDS@"}) {
            EXPECT_THAT(script, Not(HasSubstr(mark)));
        }
    }
}

TEST(Roff, TakesNothingForARequest)
{
    EXPECT_EQ(roff::escaped(".so /etc/passwd"), "\\&.so /etc/passwd");
    EXPECT_EQ(roff::escaped("'br"), "\\&'br");
    EXPECT_EQ(roff::escaped("a\\b-c"), "a\\eb\\-c");
    const auto manual = command_manual(hostile());
    EXPECT_THAT(manual, AllOf(HasSubstr("\\&.B begins"), Not(HasSubstr("\n.B begins"))));
}

TEST(Roff, BreaksLinesBehindSentencesAndBeforeTheMargin)
{
    EXPECT_EQ(roff::paragraph("One. Two `a b` three.  Four"),
              "One.\nTwo \\fBa b\\fR three.\nFour\n");
    EXPECT_EQ(roff::paragraph("`/a/**` and **not now.** So."),
              "\\fB/a/**\\fR and \\fBnot now.\\fR\nSo.\n");
    std::string words;
    for (int i = 0; i < 40; ++i) words += "word ";
    std::istringstream lines{roff::paragraph(words)};
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 78U);
    EXPECT_EQ(roff::paragraph(""), "");
}

} // namespace
} // namespace gatehouse::gateway
