#include "gateway/command/check_store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

class CheckStore : public ::testing::Test {
protected:
    CheckStore()
    {
        std::ofstream{file_} << "rows";
        settings_.store = "sqlite:" + file_.string();
    }

    ~CheckStore() override { fs::remove(file_); }

    std::vector<config::Diagnostic> found_with(unsigned mode)
    {
        fs::permissions(file_, fs::perms{mode});
        return look_at_store_file(settings_);
    }

    fs::path file_ = fs::path(::testing::TempDir()) / fmt::format("check_store.{}.db", ::getpid());
    config::Settings settings_;
};

TEST_F(CheckStore, WarnsOfAFileThatEveryUserMayReadOrWrite)
{
    for (const unsigned mode : {0644U, 0602U, 0666U}) {
        const auto found = found_with(mode);
        ASSERT_THAT(found, SizeIs(1)) << mode;
        EXPECT_EQ(found.front().severity, config::Severity::warning);
        EXPECT_EQ(found.front().key, "store");
        EXPECT_THAT(found.front().message, HasSubstr("open to every user"));
        EXPECT_THAT(found.front().hint, HasSubstr("chmod 600"));
    }
}

TEST_F(CheckStore, SaysNothingOfOneThatIsItsOwnersOrAGroups)
{
    for (const unsigned mode : {0600U, 0640U, 0660U}) EXPECT_THAT(found_with(mode), IsEmpty());
}

TEST_F(CheckStore, SaysNothingOfOneThatIsNotThereYetOrIsNoFile)
{
    fs::remove(file_);
    EXPECT_THAT(look_at_store_file(settings_), IsEmpty());
    for (const auto* store : {"memory", "postgres://db.example/auth"}) {
        settings_.store = store;
        EXPECT_THAT(look_at_store_file(settings_), IsEmpty()) << store;
    }
}

} // namespace
} // namespace gatehouse::gateway
