#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/sqlite/power_cut.hpp"

namespace gatehouse::auth::contract {
namespace {

/// The store writes through a file system that forgets, at a power cut, what was not synced.
class PowerCut : public testing::Test {
protected:
    PowerCut() { disk.begin(); }

    ~PowerCut() override { disk.end(); }

    /// The store as it would come up if the power had failed at this moment.
    [[nodiscard]] std::unique_ptr<Store> after_the_cut()
    {
        afterwards.push_back(std::make_unique<TemporaryFolder>());
        disk.leave_synced(folder.path(), afterwards.back()->path());
        return open_kind("sqlite", afterwards.back()->path());
    }

    SyncedDisk& disk = SyncedDisk::instance();
    TemporaryFolder folder;
    std::vector<std::unique_ptr<TemporaryFolder>> afterwards;
};

TEST_F(PowerCut, TakesNothingThatWasAcknowledged) // DESIGN promise 7
{
    const auto store = open_kind("sqlite", folder.path());
    for (int i = 0; i < 5; ++i) {
        const auto id = "u" + std::to_string(i);
        SCOPED_TRACE(id);
        must(store->create_user(user_called(id, id), {}, noon));
        EXPECT_TRUE(must(after_the_cut()->find_user_by_name(id)));
        must(store->create_session(session_of(id, "s" + id), {}, noon));
        EXPECT_TRUE(must(after_the_cut()->find_session("s" + id)));
        ASSERT_TRUE(must(store->rotate("s" + id, 1, refreshed(noon), noon)));
        EXPECT_EQ(must(after_the_cut()->find_session("s" + id))->generation, 2U);
        ASSERT_TRUE(must(store->end_session("s" + id, noon)));
        EXPECT_TRUE(must(after_the_cut()->find_session("s" + id))->ended_at);
    }
}

TEST_F(PowerCut, TakesNothingWhileTheLogIsCopiedBack)
{
    const auto store = open_kind("sqlite", folder.path());
    must(store->create_user(user_called("u1", "u1"), {}, noon));
    const std::vector<std::string> roles = {std::string(1UL << 20, 'r')}; // 512 pages a call
    for (int i = 0; i < 6; ++i) { // passes the 1000 pages of a checkpoint twice
        must(store->set_roles("u1", roles, noon));
        EXPECT_EQ(must(after_the_cut()->changes_after(0, 100)).size(), i + 1U);
    }
}

TEST_F(PowerCut, TheTestNoticesAMissingSync)
{
    const auto path = (folder.path() / "gatehouse.db").string();
    const auto store = open_kind("sqlite", folder.path());
    sqlite::Database careless(path, 10s);
    careless.execute("PRAGMA synchronous = NORMAL");
    careless.execute("INSERT INTO invites VALUES ('x', 1)");
    must(store->find_user("u1"));
    const auto cut = after_the_cut();
    sqlite::Database left((afterwards.back()->path() / "gatehouse.db").string(), 10s);
    EXPECT_EQ(left.integer("SELECT count(*) FROM invites"), 0);
}

} // namespace
} // namespace gatehouse::auth::contract
