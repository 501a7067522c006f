#include "auth/store/sqlite/open.hpp"
#include "auth/store/sqlite/schema.hpp"
#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fstream>

namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
using contract::must;
using contract::noon;
using contract::user_called;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

class OpenSqlite : public testing::Test {
protected:
    [[nodiscard]] static std::string sentence(const fs::path& path)
    {
        const auto opened = open(path, StoreRole::gateway);
        return opened ? "it opened" : opened.error();
    }

    /// A database somebody else made with these statements.
    void make(const std::string& sql) const
    {
        std::ofstream{path};
        Database(path.string(), 1s).execute(sql.c_str());
    }

    [[nodiscard]] static std::string mode_of(const fs::path& path)
    {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return "absent";
        std::string octal;
        for (const int shift : {6, 3, 0}) octal += std::to_string((status.st_mode >> shift) & 7U);
        return octal;
    }

    /// Commits at least so many pages to the log, in a few large transactions.
    static void write_pages(Store& store, std::size_t pages)
    {
        must(store.create_user(user_called("u1", "ada"), {}, noon));
        const std::vector<std::string> roles = {std::string(std::size_t{256} * page, 'r')};
        for (std::size_t written = 0; written < pages; written += 256) {
            must(store.set_roles("u1", roles, noon));
        }
    }

    static constexpr std::size_t page = 4096;

    contract::TemporaryFolder folder;
    fs::path path = folder.path() / "gatehouse.db";
};

TEST_F(OpenSqlite, MakesFilesThatOnlyTheirOwnerReads)
{
    const auto before = ::umask(0); // the strictest umask would hide a careless mode
    const auto store = open(path, StoreRole::gateway);
    ::umask(before);
    ASSERT_TRUE(store);
    must((*store)->create_user(user_called("u1", "ada"), {}, noon));
    for (const auto* suffix : {"", "-wal", "-shm", "-lock"}) {
        EXPECT_EQ(mode_of(path.string() + suffix), "600") << suffix;
    }
}

TEST_F(OpenSqlite, KeepsEverythingAcrossARestart) // R44
{
    {
        const auto store = contract::open_kind("sqlite", folder.path());
        must(store->create_user(user_called("u1", "ada"), {}, noon));
        must(store->create_session(contract::session_of("u1", "s1"), {}, noon));
        must(store->create_session(contract::session_of("u1", "s2"), {}, noon));
        ASSERT_TRUE(must(store->rotate("s1", 1, contract::refreshed(noon), noon)));
        must(store->end_session("s2", noon));
    }
    const auto store = contract::open_kind("sqlite", folder.path());
    EXPECT_EQ(must(store->find_user_by_name("ada"))->id, "u1");
    EXPECT_EQ(must(store->find_session("s1"))->generation, 2U);
    EXPECT_FALSE(must(store->rotate("s1", 1, contract::refreshed(noon), noon)));
    EXPECT_TRUE(must(store->find_session("s2"))->ended_at);
    EXPECT_EQ(must(store->standing(noon - 1s)).ended_sessions, std::vector<std::string>{"s2"});
    must(store->announce_keys(noon));
    EXPECT_EQ(must(store->changes_after(0, 9)).back().sequence, 2U);
}

TEST_F(OpenSqlite, ACommandLeavesCheckpointsToTheGateway)
{
    const auto store = contract::open_kind("sqlite", folder.path(), StoreRole::command);
    const auto before = fs::file_size(path);
    write_pages(*store, 3000);
    // SQLite's own habit is a checkpoint every 1000 pages; the log would begin anew each time.
    EXPECT_GT(fs::file_size(path.string() + "-wal"), 3000 * page);
    EXPECT_EQ(fs::file_size(path), before);
}

TEST_F(OpenSqlite, TheLastCommandToCloseLeavesTheLogToTheGatewayToo)
{
    write_pages(*contract::open_kind("sqlite", folder.path(), StoreRole::command), 10);
    EXPECT_GT(fs::file_size(path.string() + "-wal"), 10 * page);
    const auto store = contract::open_kind("sqlite", folder.path());
    EXPECT_FALSE(must(store->find_user("u1"))->roles.empty());
}

TEST_F(OpenSqlite, TheGatewayKeepsTheLogShort)
{
    const auto store = contract::open_kind("sqlite", folder.path());
    write_pages(*store, 6000);
    EXPECT_LT(fs::file_size(path.string() + "-wal"), 2000 * page);
    EXPECT_GT(fs::file_size(path), 500 * page);
}

TEST_F(OpenSqlite, RefusesWhatItCannotUseWithASentence)
{
    {
        std::ofstream(path) << std::string(4096, 'x');
        EXPECT_THAT(sentence(path), HasSubstr("is not a database"));
    }
    {
        fs::remove(path);
        make("CREATE TABLE bookmarks (url)");
        EXPECT_THAT(sentence(path), HasSubstr("is a database of another program"));
    }
    {
        fs::remove(path);
        make("PRAGMA application_id = 252006674; PRAGMA user_version = 1");
        EXPECT_THAT(sentence(path), HasSubstr("is a database of another program"));
    }
    EXPECT_THAT(sentence(folder.path()), HasSubstr("is a folder"));
    EXPECT_THAT(sentence(folder.path() / "no" / "such.db"), HasSubstr("folder does not exist"));
    EXPECT_THAT(sentence(path), StartsWith(path.string() + ": "));
    EXPECT_FALSE(fs::exists(folder.path() / "no"));
}

TEST_F(OpenSqlite, LeavesAnotherProgramsFileAsItWas)
{
    make("CREATE TABLE bookmarks (url)");
    EXPECT_THAT(sentence(path), HasSubstr("another program"));
    Database theirs(path.string(), 1s);
    EXPECT_EQ(theirs.integer("SELECT count(*) FROM sqlite_schema"), 1);
    auto mode = theirs.query("PRAGMA journal_mode");
    ASSERT_TRUE(mode.next());
    EXPECT_EQ(mode.text(0), "delete");
}

TEST_F(OpenSqlite, RefusesAFileOfANewerVersionAndLeavesItAlone)
{
    ASSERT_TRUE(open(path, StoreRole::gateway));
    Database(path.string(), 1s).execute("PRAGMA user_version = 1000");
    const auto answer = sentence(path);
    EXPECT_THAT(answer, HasSubstr("newer Gatehouse"));
    EXPECT_THAT(answer, HasSubstr("1000"));
    EXPECT_EQ(Database(path.string(), 1s).integer("PRAGMA user_version"), 1000);
}

TEST_F(OpenSqlite, SaysWhenAnotherProgramLocksTheFile)
{
    ASSERT_TRUE(open(path, StoreRole::gateway));
    Database other(path.string(), 1s);
    other.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    EXPECT_THAT(sentence(path), HasSubstr("locked by another program"));
}

TEST_F(OpenSqlite, TakesEveryNameAsAFile)
{
    const auto before = fs::current_path();
    fs::current_path(folder.path());
    for (const auto* name : {":memory:", "file:x?mode=memory", "%41", "a b"}) {
        SCOPED_TRACE(name);
        EXPECT_TRUE(open_store(std::string("sqlite:") + name, StoreRole::gateway));
        EXPECT_TRUE(fs::is_regular_file(folder.path() / name));
    }
    fs::current_path(before);
}

TEST(OpenStore, NamesWhatItDoesNotKnow)
{
    for (const auto* spec :
         {"", "sqlite", "sqlite:", "postgres:db", "redis://db", "Memory", "memory "}) {
        const auto opened = open_store(spec, StoreRole::gateway);
        ASSERT_FALSE(opened) << spec;
        EXPECT_THAT(opened.error(), HasSubstr("write memory, sqlite:PATH or")) << spec;
    }
    EXPECT_THAT(open_store("memory", StoreRole::command).error(),
                HasSubstr("cannot be reached from the command line"));
}

} // namespace
} // namespace gatehouse::auth::sqlite
