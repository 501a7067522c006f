#include "auth/service/import_record.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Seconds noon{1'800'000'000s};
constexpr auto bcrypt_hash = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";

class ImportRecord : public testing::Test {
protected:
    [[nodiscard]] auto read(std::string_view text) const
    {
        return read_import_record(text, {hasher, noon, username_member});
    }

    [[nodiscard]] ImportedAccount must_read(std::string_view text) const
    {
        auto account = read(text);
        if (account) return *account;
        for (const auto& problem : account.error()) {
            ADD_FAILURE() << problem.name << ": " << problem.message;
        }
        return {};
    }

    /// "member: message" of each.
    [[nodiscard]] std::vector<std::string> problems(std::string_view text) const
    {
        std::vector<std::string> told;
        const auto account = read(text);
        if (account) return told;
        for (const auto& problem : account.error()) {
            told.push_back(problem.name + ": " + problem.message);
        }
        return told;
    }

    /// A whole record, but for these members.
    [[nodiscard]] static std::string with(const std::string& members)
    {
        return R"({"username":"ann","password":")" + std::string(bcrypt_hash) + "\"," + members +
               "}";
    }

    std::string username_member;
    const PasswordHasher hasher{config::PasswordSettings{}};
};

TEST_F(ImportRecord, IsADocumentAsMongoexportWritesIt)
{
    const auto account = must_read(
        R"({"_id":{"$oid":"65a1b2c3d4e5f60718293a4b"},"username":"Ann","email":"Ann@Example.com",)"
        R"("password":"$2b$10$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",)"
        R"("roles":["admin","editor"],"createdAt":{"$date":"2026-03-01T09:30:00.123Z"},)"
        R"("blocked":true,"__v":0,"cart":[{"a":1.5}],"refreshToken":""})");
    const auto& user = account.user;
    EXPECT_EQ(user.id, "65a1b2c3d4e5f60718293a4b");
    EXPECT_EQ(user.username, "Ann");
    EXPECT_EQ(user.folded_username, "ann");
    EXPECT_EQ(user.email, "Ann@Example.com");
    EXPECT_EQ(user.folded_email, "ann@example.com");
    EXPECT_EQ(user.password_hash, bcrypt_hash);
    EXPECT_THAT(user.roles, ElementsAre("admin", "editor"));
    EXPECT_EQ(user.created, Seconds{1'772'357'400s});
    EXPECT_TRUE(user.blocked);
    EXPECT_EQ(account.unfit_id, "");
}

TEST_F(ImportRecord, FindsTheUsernameWhereAppsKeepIt)
{
    const auto name_of = [&](const std::string& names) {
        const auto user = must_read("{" + names + R"(,"password":")" + bcrypt_hash + "\"}").user;
        return user.username.value_or("-") + ' ' + user.email.value_or("-");
    };
    EXPECT_EQ(name_of(R"("username":"ann")"), "ann -");
    EXPECT_EQ(name_of(R"("user":"ann")"), "ann -");
    EXPECT_EQ(name_of(R"("name":"ann")"), "ann -");
    EXPECT_EQ(name_of(R"("email":"ann@example.com")"), "- ann@example.com");
    EXPECT_EQ(name_of(R"("name":"Ann Smith","email":"ann@example.com")"), "- ann@example.com")
        << "many people may be called so";
    EXPECT_EQ(name_of(R"("name":"Ann Smith","username":"ann","email":null)"), "ann -");
    username_member = "name";
    EXPECT_EQ(name_of(R"("name":"ann","username":"x","email":"ann@example.com")"),
              "ann ann@example.com");
}

TEST_F(ImportRecord, KeepsAnIdThatMayTravelInAHeader)
{
    const struct {
        const char* id;
        const char* kept;
        const char* unfit;
    } cases[] = {
        {R"("_id":{"$oid":"65a1b2c3d4e5f60718293a4b"})", "65a1b2c3d4e5f60718293a4b", ""              },
        {R"("_id":"user:1")",                            "user:1",                   ""              },
        {R"("id":42)",                                   "42",                       ""              },
        {R"("_id":{"$numberLong":"42"})",                "42",                       ""              },
        {R"("_id":"a b")",                               "",                         "a b"           },
        {R"("_id":"a\r\nX-Evil: 1")",                    "",                         "a\r\nX-Evil: 1"},
        {R"("_id":"\u00e4")",                            "",                         "\u00e4"        },
        {R"("_id":null)",                                "",                         ""              },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.id);
        const auto account = must_read(with(c.id));
        EXPECT_EQ(account.user.id, c.kept);
        EXPECT_EQ(account.unfit_id, c.unfit);
    }
}

TEST_F(ImportRecord, ReadsRolesInEveryShapeTheyComeIn)
{
    const auto roles = [&](const std::string& text) { return must_read(with(text)).user.roles; };
    EXPECT_THAT(roles(R"("roles":["a","b","a"])"), ElementsAre("a", "b"));
    EXPECT_THAT(roles(R"("roles":{"User":2001,"Editor":{"$numberInt":"1984"},"Admin":null})"),
                ElementsAre("2001", "1984"));
    EXPECT_THAT(roles(R"("role":"admin")"), ElementsAre("admin"));
    EXPECT_THAT(roles(R"("role":{"$numberLong":"5150"})"), ElementsAre("5150"));
    EXPECT_THAT(roles(R"("roles":[])"), IsEmpty());
    EXPECT_THAT(roles(R"("x":0)"), IsEmpty());
}

TEST_F(ImportRecord, ReadsTimesInEveryFormTheyComeIn)
{
    const auto created = [&](const std::string& text) {
        return must_read(with(text)).user.created.time_since_epoch();
    };
    for (const auto* text :
         {R"("createdAt":{"$date":"2026-03-01T09:30:00Z"})",
          R"("createdAt":{"$date":{"$numberLong":"1772357400999"}})",
          R"("createdAt":"2026-03-01T09:30:00.5+00:00")", R"("created_at":1772357400000)",
          R"("created":"2026-03-01T09:30:00+0000")"}) {
        EXPECT_EQ(created(text), 1'772'357'400s) << text;
    }
    EXPECT_EQ(created(R"("x":0)"), noon.time_since_epoch()) << "it says nothing: now";
    EXPECT_EQ(created(R"("createdAt":0)"), 0s);
}

TEST_F(ImportRecord, IsToldEveryMistakeAndNeverThePassword)
{
    EXPECT_THAT(
        problems(R"({"_id":[],"username":"a@b","email":"nobody","password":"hunter2 hunter2",)"
                 R"("roles":["no spaces"],"createdAt":"yesterday","blocked":"yes"})"),
        ElementsAre(HasSubstr("_id: "), "username: must not contain @",
                    "email: is not an e-mail address", HasSubstr("password: is no hash"),
                    HasSubstr("roles: "), HasSubstr("createdAt: "),
                    "blocked: has to be true or false"));
    for (const auto& problem : problems(R"({"username":"ann","password":"hunter2 hunter2"})")) {
        EXPECT_EQ(problem.find("hunter2"), std::string::npos);
    }

    const struct {
        const char* text;
        const char* message;
    } cases[] = {
        {"",                                             ": is no JSON: syntax"                      },
        {"null",                                         ": is no JSON object"                       },
        {"[{}]",                                         "--jsonArray"                               },
        {R"({"a":1,"a":2})",                             "duplicate_member"                          },
        {R"({"password":"x"})",                          "username: a username or an email is needed"},
        {R"({"username":7,"password":"x"})",             "username: has to be a string"              },
        {R"({"username":"ann"})",                        "password: is missing"                      },
        {R"({"username":"ann","password":null})",        "password: is missing"                      },
        {R"({"username":"ann","hash":{"$binary":"x"}})", "hash: has to be a string"                  },
        {R"({"username":"ann\u0000","password":"x"})",   "username: must not contain"                },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto told = problems(c.text);
        ASSERT_FALSE(told.empty());
        EXPECT_THAT(told.front(), HasSubstr(c.message));
    }
    for (const auto* time : {"\"2026-02-30T00:00:00Z\"", "\"2026-03-01T25:00:00Z\"", "-1", "1e400",
                             "\"2026-03-01\"", "\"2026-03-01T09:30:00+02:00\"", "{\"$date\":true}",
                             "9999999999999999", "\"2026-03-01T09:30:00.Z \""}) {
        EXPECT_EQ(problems(with(std::string("\"createdAt\":") + time)).size(), 1U) << time;
    }
}

TEST_F(ImportRecord, RefusesAHashThatNobodyCouldAffordToVerify)
{
    const auto told = [&](const std::string& hash) {
        const auto all = problems(R"({"username":"ann","password":")" + hash + "\"}");
        return all.empty() ? std::string("ok") : all.front();
    };
    const std::string tail = "$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f";
    EXPECT_EQ(told("$argon2id$v=19$m=262144,t=3,p=4" + tail), "ok");
    EXPECT_THAT(told("$argon2id$v=19$m=262145,t=3,p=4" + tail), HasSubstr("memory"));
    EXPECT_THAT(told("$argon2id$v=19$m=4294967295,t=1,p=1" + tail), HasSubstr("memory"));
    EXPECT_THAT(told("$argon2i$v=19$m=65536,t=21,p=1" + tail), HasSubstr("passes"));
    EXPECT_THAT(told("$argon2i$v=19$m=65536,t=1,p=65" + tail), HasSubstr("lanes"));
    EXPECT_EQ(told("$argon2d$v=19$m=65536,t=1,p=1" + tail), "ok");
    EXPECT_THAT(told("$argon2d$v=19$m=65536,t=21,p=1" + tail), HasSubstr("passes"));
    EXPECT_THAT(told("$argon2x$v=19$m=65536,t=1,p=1" + tail), HasSubstr("is no hash"));
    EXPECT_THAT(told("$2b$17$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
                HasSubstr("cost"));
    EXPECT_EQ(told("$scrypt$ln=17,r=8,p=1" + tail), "ok");
    EXPECT_THAT(told("$scrypt$ln=18,r=8,p=1" + tail), HasSubstr("memory"));
    EXPECT_THAT(told("$scrypt$ln=17,r=8,p=17" + tail), HasSubstr("longer"));
}

} // namespace
} // namespace gatehouse::auth
