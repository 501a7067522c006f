#include "auth/store/open_store.hpp"
#include "gateway/command/store_copy.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class StoreCopyCommand : public testing::Test {
protected:
    [[nodiscard]] std::string sqlite(const std::string& name) const
    {
        return "sqlite:" + (folder_ / name).string();
    }

    int give(const std::string& from, const std::string& to)
    {
        Arguments arguments;
        arguments.command = CommandName::store_copy;
        arguments.from = from;
        arguments.to = to;
        std::istringstream in;
        std::ostringstream out;
        std::ostringstream err;
        Console console{in, out, err};
        const auto code = run_store_copy(arguments, settings_, console);
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    /// Something under this name, in a store that nobody has open afterwards.
    void keep(std::string_view name) const
    {
        const auto store = auth::open_store(sqlite("a.db"), auth::StoreRole::command);
        ASSERT_TRUE(store);
        ASSERT_TRUE((*store)->replace_keys(name, 0, "x", auth::Millis{}));
    }

    const TemporaryFolder folder_;
    config::Settings settings_;
    std::string out_;
    std::string err_;
};

TEST_F(StoreCopyCommand, RefusesWhatNamesNoStoreOrShowsAPassword)
{
    const struct {
        const char* name;
        std::string from;
        std::string to;
        const char* said;
    } cases[] = {
        {"memory",           "memory",                    sqlite("b"),                       "--from: \"memory\" names no"},
        {"Redis",            sqlite("a"),                 "redis://h/0",                     "--to: \"redis://h/0\" names"},
        {"no path",          "sqlite:",                   sqlite("b"),                       "--from: \"sqlite:\" names"  },
        {"one store",        sqlite("a"),                 sqlite("a"),                       "the same store"             },
        {"a password",       "postgres://me:hunter2@h/d", sqlite("b"),                       "--from: has a password"     },
        {"in the query",     sqlite("a"),                 "postgres://h/d?password=hunter2", "--to: has a password"       },
        {"a terminal's own", "x\x1b[2J",                  sqlite("b"),                       "x?[2J"                      },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(give(c.from, c.to), exit_usage);
        EXPECT_EQ(out_, "");
        EXPECT_THAT(err_, AllOf(HasSubstr(c.said), Not(HasSubstr("hunter2"))));
        EXPECT_TRUE(fs::is_empty(folder_.path()));
    }
}

TEST_F(StoreCopyCommand, SaysWhereTheKeysAreAndWhatToDo)
{
    ASSERT_TRUE(auth::open_store(sqlite("a.db"), auth::StoreRole::command));
    EXPECT_EQ(give(sqlite("a.db"), sqlite("b.db")), exit_ok) << err_;
    EXPECT_THAT(err_, HasSubstr("signing keys are no part of the source"));
    std::ofstream{folder_ / "a.db.keys.json"} << "{}";
    EXPECT_EQ(give(sqlite("a.db"), sqlite("c.db")), exit_ok) << err_;
    EXPECT_THAT(err_, AllOf(HasSubstr("a.db.keys.json, which is no part of the store"),
                            HasSubstr("cp -p "), HasSubstr("c.db.keys.json")));
    keep("something else");
    EXPECT_EQ(give(sqlite("a.db"), sqlite("d.db")), exit_ok) << err_;
    EXPECT_THAT(err_, HasSubstr("which is no part of the store"));
    keep("token_keys");
    EXPECT_EQ(give(sqlite("a.db"), sqlite("e.db")), exit_ok) << err_;
    EXPECT_THAT(err_, HasSubstr("the signing keys came along, sealed"));
}

TEST_F(StoreCopyCommand, SaysWhatSecondFactorsAreSealedUnder)
{
    ASSERT_TRUE(auth::open_store(sqlite("a.db"), auth::StoreRole::command));
    EXPECT_EQ(give(sqlite("a.db"), sqlite("b.db")), exit_ok) << err_;
    EXPECT_THAT(err_, Not(HasSubstr("second factors")));
    std::ofstream{folder_ / "a.db.totp.key"} << "secret";
    EXPECT_EQ(give(sqlite("a.db"), sqlite("c.db")), exit_ok) << err_;
    EXPECT_THAT(err_, AllOf(HasSubstr("second factors are sealed under "),
                            HasSubstr("a.db.totp.key, which is no part of the store"),
                            HasSubstr("cp -p "), HasSubstr("c.db.totp.key")));
    EXPECT_FALSE(fs::exists(folder_ / "c.db.totp.key")) << "that is the operator's to do";
}

TEST_F(StoreCopyCommand, FailsWithASentence)
{
    EXPECT_EQ(give(sqlite("gone.db"), sqlite("b.db")), exit_failed);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, HasSubstr("source: " + (folder_ / "gone.db").string() + ": does not exist"));
    EXPECT_TRUE(fs::is_empty(folder_.path()));
}

} // namespace
} // namespace gatehouse::gateway
