#include "auth/store/copy/copy_store.hpp"
#include "auth/store/sqlite/copy_side.hpp"
#include "auth/store/sqlite/database.hpp"
#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

/// Copies that go wrong on their way: nobody ever finds half of one.
namespace gatehouse::auth::contract {
namespace {

using testing::HasSubstr;

/// A target that does what `on_write` says to rows on their way.
class Crooked final : public CopySide {
public:
    using Rows = std::vector<CopiedRow>;
    using OnWrite = std::function<Rows(const CopiedTable&, Rows)>;

    Crooked(CopySide& straight, OnWrite on_write)
        : straight_(straight),
          on_write_(std::move(on_write))
    {
    }

    bool has(const CopiedTable& table) override { return straight_.has(table); }

    bool is_empty(const CopiedTable& table) override { return straight_.is_empty(table); }

    void read_from(const CopiedTable& table) override { straight_.read_from(table); }

    Rows read_more() override { return straight_.read_more(); }

    std::uint64_t newest_change() override { return straight_.newest_change(); }

    void write(const CopiedTable& table, std::span<const CopiedRow> rows) override
    {
        straight_.write(table, on_write_(table, Rows(rows.begin(), rows.end())));
    }

    void set_newest_change(std::uint64_t number) override { straight_.set_newest_change(number); }

    void go_on_numbering(const CopiedTable& table) override { straight_.go_on_numbering(table); }

    void commit() override
    {
        on_write_(copied_tables().front(), {}); // the last moment before
        straight_.commit();
    }

private:
    CopySide& straight_;
    OnWrite on_write_;
};

class BrokenCopy : public testing::Test {
protected:
    static constexpr std::size_t users = copied_at_once + 10;

    BrokenCopy()
    {
        const auto store = open_kind("sqlite", folder.path());
        fill_at_once();
        for (const auto* const id : {"su1", "su2"}) {
            must(store->rotate(id, 1, refreshed(noon), noon));
            must(store->end_session(id, noon));
        }
    }

    /// Users u1, u2 .. with a session of each, in one commit.
    void fill_at_once() const
    {
        const auto numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                             "WHERE i < " +
                             std::to_string(users) + ") ";
        sqlite::Database database((folder.path() / "gatehouse.db").string(), 5s);
        database.execute(
            ("BEGIN; INSERT INTO users (id, username, folded_username, password_hash, roles, "
             "blocked, created) " +
             numbers +
             "SELECT 'u' || i, 'u' || i, 'u' || i, 'hash', '', 0, i FROM n; "
             "INSERT INTO names SELECT folded_username, id FROM users; "
             "INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, "
             "used_ms, delivery, address, user_agent) "
             "SELECT 's' || id, id, 1, 0, 9999999999, 0, 0, 0, '', '' FROM users; COMMIT")
                .c_str());
    }

    [[nodiscard]] std::unique_ptr<CopySide> side(const char* file, CopyRole role) const
    {
        auto opened = sqlite::open_side(folder.path() / file, role);
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] Result<CopyReport, std::string> copy(const Crooked::OnWrite& on_write) const
    {
        const auto source = side("gatehouse.db", CopyRole::source);
        const auto target = side("new.db", CopyRole::target);
        Crooked crooked(*target, on_write);
        return copy_between(*source, crooked);
    }

    /// Rows of all kinds in the target, as whoever opens it next finds them.
    [[nodiscard]] std::size_t rows_in_target() const
    {
        const auto target = side("new.db", CopyRole::target);
        std::size_t rows = 0;
        for (const auto& table : copied_tables()) {
            if (!target->has(table)) continue;
            target->read_from(table);
            for (auto more = target->read_more(); !more.empty(); more = target->read_more()) {
                rows += more.size();
            }
        }
        return rows;
    }

    TemporaryFolder folder;
};

TEST_F(BrokenCopy, KeepsNothingThatCameBackOtherwise)
{
    const struct {
        const char* name;
        const char* table;
        std::function<void(Crooked::Rows&)> flaw;
    } cases[] = {
        {"a row is lost",       "names",      [](auto& rows) { rows.pop_back(); }                      },
        {"a byte is another",   "users",
         [](auto& rows) { std::get<std::string>(rows.front().at(5)) += "x"; }                          },
        {"nothing for text",    "users",      [](auto& rows) { rows.front().at(2) = std::monostate{}; }},
        {"an end is forgotten", "sessions",
         [](auto& rows) {
             for (auto& row : rows) row.at(11) = std::monostate{};
         }                                                                                             },
        {"a time is another",   "superseded",
         [](auto& rows) { ++std::get<std::int64_t>(rows.front().at(2)); }                              },
        {"a change is lost",    "changes",    [](auto& rows) { rows.erase(rows.begin()); }             },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        bool done = false;
        const auto copied = copy([&](const CopiedTable& table, Crooked::Rows rows) {
            if (table.name == c.table && !rows.empty() && !std::exchange(done, true)) c.flaw(rows);
            return rows;
        });
        ASSERT_TRUE(done);
        ASSERT_FALSE(copied);
        EXPECT_THAT(copied.error(), HasSubstr(c.table));
        EXPECT_EQ(rows_in_target(), 0U);
    }
}

TEST_F(BrokenCopy, LeavesNothingWhereTheTargetFails)
{
    int writes = 0;
    EXPECT_THROW(static_cast<void>(copy([&](const CopiedTable&, Crooked::Rows rows) {
                     if (++writes == 3) throw std::runtime_error("the disk is full");
                     return rows;
                 })),
                 std::runtime_error);
    EXPECT_EQ(rows_in_target(), 0U);
    EXPECT_TRUE(copy([](const CopiedTable&, Crooked::Rows rows) { return rows; }));
}

TEST_F(BrokenCopy, LeavesNothingAndBeginsAnewAfterAKillAtAnyMoment)
{
    int moments = 0;
    const auto whole = [&](const CopiedTable&, Crooked::Rows rows) {
        ++moments;
        return rows;
    };
    for (int last = 1;; ++last) {
        const auto child = ::fork();
        if (child == 0) {
            int moment = 0;
            [[maybe_unused]] const auto copied = copy([&](const CopiedTable&, Crooked::Rows rows) {
                if (++moment == last) ::raise(SIGKILL);
                return rows;
            });
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) { // it had fewer moments than that
            ASSERT_EQ(WEXITSTATUS(status), 0);
            ASSERT_GT(last, 5);
            break;
        }
        EXPECT_EQ(rows_in_target(), 0U) << "killed at moment " << last;
    }
    const auto again = copy(whole);
    ASSERT_TRUE(again) << again.error();
    EXPECT_TRUE(again->was_there) << "the last one was complete";
    EXPECT_EQ(moments, 0);
}

} // namespace
} // namespace gatehouse::auth::contract
