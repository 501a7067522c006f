#include "auth/store/copy/copy_store.hpp"
#include "auth/store/postgres/connection.hpp"
#include "auth/store/sqlite/database.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/postgres/server.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

/// A whole store, copied: what must arrive, and what must never happen to either side.
namespace gatehouse::auth::contract {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

/// From which kind to which.
struct Way {
    const char* from;
    const char* to;
};

std::ostream& operator<<(std::ostream& out, const Way& way)
{
    return out << way.from << "To" << way.to;
}

/// Bytes that a client may have sent: not UTF-8, a NUL, quotes, a backslash.
const auto hostile = "\xff\0'\\\"); DROP TABLE users; --\n"s;

/// Everything a person of a store can see, as lines.
struct Picture {
    std::vector<std::string> lines;
};

void describe(Picture& picture, const User& user)
{
    std::string line = user.id + "|" + user.username.value_or("-") + "|" +
                       user.folded_username.value_or("-") + "|" + user.email.value_or("-") + "|" +
                       user.folded_email.value_or("-") + "|" + user.password_hash + "|" +
                       (user.blocked ? "blocked" : "free") + "|" +
                       std::to_string(user.created.time_since_epoch().count());
    if (user.email_verified_at) line += "|verified";
    for (const auto& role : user.roles) line += "|" + role;
    picture.lines.push_back(line);
}

void describe(Picture& picture, const Session& session)
{
    std::string line =
        session.id + "|" + session.user_id + "|" + std::to_string(session.generation) + "|" +
        std::to_string(session.issued_at.time_since_epoch().count()) + "|" +
        std::to_string(session.expires_at.time_since_epoch().count()) + "|" +
        std::to_string(session.login_at.time_since_epoch().count()) + "|" +
        std::to_string(static_cast<int>(session.delivery)) + "|" + session.address + "|" +
        session.user_agent + "|" + std::to_string(session.unseen) + "|" +
        (session.ended_at ? std::to_string(session.ended_at->time_since_epoch().count()) : "-");
    for (const auto& word : session.amr) line += "|" + word;
    for (const auto& old : session.superseded) {
        line += "|" + std::to_string(old.generation) + "@" +
                std::to_string(old.superseded_at.time_since_epoch().count());
    }
    picture.lines.push_back(line);
}

[[nodiscard]] std::vector<std::string> picture_of(Store& store)
{
    Picture picture;
    std::string after;
    for (auto page = must(store.list_users("", 100)); !page.empty();
         page = must(store.list_users(after, 100))) {
        for (const auto& user : page) describe(picture, user);
        after = page.back().id;
    }
    for (const std::string id : {"s1", "s2", "s3", "s4", "s5"}) {
        if (const auto session = must(store.find_session(id))) describe(picture, *session);
    }
    for (const auto& change : must(store.changes_after(0, 10'000))) {
        picture.lines.push_back(
            std::to_string(change.sequence) + "|" + std::to_string(static_cast<int>(change.kind)) +
            "|" + change.subject + "|" + std::to_string(change.at.time_since_epoch().count()));
    }
    const auto standing = must(store.standing(Millis{noon - 1h}));
    picture.lines.push_back("standing at " + std::to_string(standing.sequence));
    for (const auto& [user, roles] : standing.changed_roles) picture.lines.push_back(user);
    const auto keys = must(store.read_keys("token_keys"));
    const auto waiting = must(store.mails_waiting());
    picture.lines.push_back(std::to_string(waiting.mails) + " mails");
    if (const auto link = must(store.find_link(hostile)))
        picture.lines.push_back(link->user_id + "|" + link->address);
    picture.lines.push_back(keys ? std::to_string(keys->version) + keys->bytes : "no keys");
    return picture.lines;
}

/// One of everything.
void fill(Store& store)
{
    auto ada = user_called("u1", "ada", "ada@example.com");
    ada.roles = {"admin", "a,b", hostile};
    ada.email_verified_at = noon;
    must(store.create_user(ada, {}, noon));
    must(store.queue_mail({"m1", MailKind::verify_email, "u1", hostile, noon, noon + 1h, 1, noon},
                          9));
    must(store.keep_link({hostile, LinkPurpose::verify_email, "u1", hostile, noon + 1h}));
    must(store.create_user(user_called("u2", hostile), {}, noon));
    must(store.create_user(user_called("u3", {}, "eve@example.com"), {}, noon));
    for (const auto* const id : {"s1", "s2", "s3"}) {
        auto session = session_of("u1", id);
        session.user_agent = hostile;
        session.delivery = SessionDelivery::cookie;
        session.amr = {"pwd", hostile};
        session.unseen = 1;
        must(store.create_session(session, {}, noon));
    }
    must(store.create_session(session_of("u3", "s4"), {}, noon));
    for (Generation from = 1; from <= 3; ++from) {
        must(store.rotate("s1", from, refreshed(noon + 1min), noon + 1min));
    }
    must(store.end_session("s2", noon + 2min));
    must(store.block_user("u3", noon + 3min));
    const std::vector<std::string> roles{"editor"};
    must(store.set_roles("u2", roles, noon + 4min));
    must(store.create_invite("a hash", noon + 1h, noon));
    must(store.replace_keys("other", 0, "", noon));
    must(store.replace_keys("token_keys", 0, hostile, noon));
    must(store.replace_keys("token_keys", 1, hostile + "2", noon));
}

/// More users than are copied at once.
void crowd(Store& store)
{
    for (std::size_t i = 0; i < copied_at_once; ++i) {
        const auto id = "many" + std::to_string(i);
        must(store.create_user(user_called(id, id), {}, noon));
    }
}

/// Two stores, neither of which anybody has open.
class StoreCopy : public testing::TestWithParam<Way> {
protected:
    StoreCopy() : source(spec(GetParam().from, "a")), target(spec(GetParam().to, "b")) {}

    [[nodiscard]] std::string spec(std::string_view kind, const std::string& name) const
    {
        if (kind == "Sqlite") return "sqlite:" + (folder.path() / (name + ".db")).string();
        server().execute("DROP DATABASE IF EXISTS copy_" + name);
        server().execute("CREATE DATABASE copy_" + name);
        auto url = server().url();
        return url.replace(url.find("/postgres?"), 9, "/copy_" + name);
    }

    [[nodiscard]] static postgres::Server& server() { return postgres::Server::shared(); }

    [[nodiscard]] static std::unique_ptr<Store> open(const std::string& spec)
    {
        auto opened = open_store(spec, StoreRole::gateway, {.patience = 60s});
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] auto copy() const { return copy_store(source, target, {}); }

    [[nodiscard]] std::string copy_error() const
    {
        const auto copied = copy();
        return copied ? "it copied" : copied.error();
    }

    [[nodiscard]] bool is_postgres(const std::string& spec) const
    {
        return spec.starts_with("postgres:");
    }

    /// Runs SQL in a store, in whichever language it speaks.
    void execute(const std::string& spec, const std::string& sqlite,
                 const std::string& postgres) const
    {
        if (is_postgres(spec)) {
            postgres::Connection(spec).execute(postgres);
        } else {
            sqlite::Database(spec.substr(7), 5s).execute(sqlite.c_str());
        }
    }

    TemporaryFolder folder;
    std::string source;
    std::string target;
};

TEST_P(StoreCopy, BringsEverythingAlong)
{
    crowd(*open(source));
    fill(*open(source));
    const auto before = picture_of(*open(source));
    const auto report = copy();
    ASSERT_TRUE(report) << report.error();
    EXPECT_FALSE(report->was_there);
    EXPECT_THAT(report->kept_keys, testing::ElementsAre("other", "token_keys"));
    for (const auto& line : report->tables) EXPECT_EQ(line.source, line.target) << line.table;
    EXPECT_EQ(report->tables.front().table, "users");
    EXPECT_EQ(report->tables.front().source.rows, copied_at_once + 3);
    EXPECT_EQ(picture_of(*open(target)), before);
    EXPECT_EQ(picture_of(*open(source)), before) << "the source is as it was";
}

TEST_P(StoreCopy, GoesOnWhereTheSourceStopped)
{
    fill(*open(source));
    const auto newest = must(open(source)->standing(noon)).sequence;
    ASSERT_TRUE(copy());
    const auto store = open(target);
    EXPECT_FALSE(must(store->rotate("s1", 3, refreshed(noon + 5min), noon + 5min))) << "spent";
    EXPECT_TRUE(must(store->rotate("s1", 4, refreshed(noon + 5min), noon + 5min)));
    EXPECT_FALSE(must(store->rotate("s2", 1, refreshed(noon + 5min), noon + 5min))) << "ended";
    EXPECT_EQ(store->create_session(session_of("u3", "s9"), {}, noon).error(), StoreError::blocked);
    EXPECT_EQ(store->create_user(user_called("u9", "ada"), {}, noon).error(),
              StoreError::name_taken);
    must(store->create_user(user_called("u8", "bob"), "a hash", noon));
    EXPECT_EQ(store->create_user(user_called("u9", "cy"), "a hash", noon).error(),
              StoreError::invite_invalid);
    // New rows get numbers of their own, and the feed's never go back.
    must(store->create_session(session_of("u1", "s5"), {}, noon));
    must(store->end_session("s5", noon));
    const auto news = must(store->changes_after(newest, 10));
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(news.front().sequence, newest + 1);
}

TEST_P(StoreCopy, RemembersTheNumbersOfForgottenChanges)
{
    {
        const auto store = open(source);
        fill(*store);
        while (must(store->forget_before(noon + 2h, 1000))) {
        }
        ASSERT_EQ(must(store->changes_after(0, 10)).size(), 0U);
    }
    const auto newest = must(open(source)->standing(noon)).sequence;
    ASSERT_GT(newest, 3U);
    ASSERT_TRUE(copy());
    EXPECT_EQ(must(open(target)->standing(noon)).sequence, newest);
}

TEST_P(StoreCopy, OnceMoreFindsItDone)
{
    fill(*open(source));
    ASSERT_TRUE(copy());
    const auto again = copy();
    ASSERT_TRUE(again) << again.error();
    EXPECT_TRUE(again->was_there);
    EXPECT_EQ(again->kept_keys.size(), 2U);
}

TEST_P(StoreCopy, WritesIntoNoStoreThatHoldsSomething)
{
    fill(*open(source));
    must(open(target)->create_user(user_called("mine", "mine"), {}, noon));
    const auto before = picture_of(*open(target));
    EXPECT_THAT(copy_error(), HasSubstr("the target is not empty, and differs from the source in "
                                        "users (3 there, 1 here)"));
    EXPECT_EQ(picture_of(*open(target)), before);
}

TEST_P(StoreCopy, TakesATargetWithOneSessionMoreForAnother)
{
    fill(*open(source));
    ASSERT_TRUE(copy());
    must(open(target)->end_session("s3", noon));
    EXPECT_THAT(copy_error(), HasSubstr("sessions (4 there, 4 here)"));
}

TEST_P(StoreCopy, ReadsAnOlderVersionAndLeavesItAsItIs)
{
    {
        const auto store = open(source);
        must(store->create_user(user_called("u1", "ada"), {}, noon));
        must(store->create_session(session_of("u1", "s1"), {}, noon));
    }
    execute(source,
            "DROP TABLE kept_keys; ALTER TABLE sessions DROP COLUMN amr; "
            "ALTER TABLE sessions DROP COLUMN unseen; UPDATE schema SET version = 1",
            "DROP TABLE gatehouse.kept_keys; ALTER TABLE gatehouse.sessions DROP COLUMN amr, "
            "DROP COLUMN unseen; UPDATE gatehouse.schema SET version = 1");
    const auto report = copy();
    ASSERT_TRUE(report) << report.error();
    EXPECT_TRUE(must(open(target)->find_user("u1")));
    const auto session = must(open(target)->find_session("s1"));
    ASSERT_TRUE(session);
    EXPECT_THAT(session->amr, testing::ElementsAre("pwd"));
    EXPECT_EQ(session->unseen, 0U);
    const auto status = status_of_store(source, {}, noon);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->version, 1);
}

TEST_P(StoreCopy, RefusesASourceOfANewerProgram)
{
    fill(*open(source));
    execute(source, "UPDATE schema SET version = 99", "UPDATE gatehouse.schema SET version = 99");
    EXPECT_THAT(copy_error(), HasSubstr("newer Gatehouse"));
    EXPECT_EQ(must(open(target)->list_users("", 10)).size(), 0U);
}

TEST_P(StoreCopy, RefusesASourceThatIsNotThere)
{
    EXPECT_THAT(copy_error(), testing::AnyOf(HasSubstr("does not exist"), HasSubstr("is empty")));
    if (!is_postgres(source)) EXPECT_FALSE(std::filesystem::exists(source.substr(7)));
}

/// Another process that has a store open, until it is told to go.
class Neighbour {
public:
    explicit Neighbour(const std::string& spec)
    {
        std::array<int, 2> ready{};
        std::array<int, 2> end{};
        if (::pipe(ready.data()) != 0 || ::pipe(end.data()) != 0) throw std::runtime_error("pipe");
        process_ = ::fork();
        char byte = 0;
        if (process_ == 0) {
            ::close(end[1]);
            auto store = open_store(spec, StoreRole::gateway, {.patience = 60s});
            byte = store && (*store)->list_users("", 1) ? 'y' : 'n';
            static_cast<void>(::write(ready[1], &byte, 1));
            static_cast<void>(::read(end[0], &byte, 1));
            ::_exit(0);
        }
        ::close(end[0]);
        end_ = end[1];
        if (::read(ready[0], &byte, 1) != 1 || byte != 'y')
            throw std::runtime_error("no neighbour");
    }

    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;

    ~Neighbour()
    {
        ::close(end_);
        ::waitpid(process_, nullptr, 0);
    }

private:
    pid_t process_ = -1;
    int end_ = -1;
};

TEST_P(StoreCopy, CopiesNothingFromAStoreThatAGatewayUses)
{
    must(open(source)->create_user(user_called("u1", "ada"), {}, noon));
    {
        const Neighbour gateway(source);
        EXPECT_THAT(copy_error(), testing::AllOf(HasSubstr("source: "), HasSubstr("is used by")));
    }
    EXPECT_TRUE(copy()) << "when it is gone";
}

TEST_P(StoreCopy, CopiesNothingIntoAStoreThatAGatewayUses)
{
    must(open(source)->create_user(user_called("u1", "ada"), {}, noon));
    {
        const Neighbour gateway(target);
        EXPECT_THAT(copy_error(), testing::AllOf(HasSubstr("target: "), HasSubstr("is used by")));
    }
    EXPECT_EQ(must(open(target)->list_users("", 10)).size(), 0U);
    EXPECT_TRUE(copy()) << "when it is gone";
}

INSTANTIATE_TEST_SUITE_P(EveryWay, StoreCopy,
                         testing::Values(Way{"Sqlite", "Postgres"}, Way{"Postgres", "Sqlite"},
                                         Way{"Sqlite", "Sqlite"}, Way{"Postgres", "Postgres"}),
                         testing::PrintToStringParamName());

} // namespace
} // namespace gatehouse::auth::contract
