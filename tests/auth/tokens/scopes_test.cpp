#include "auth/json/reader.hpp"
#include "auth/tokens/scopes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const config::RoleScopes by_role{
    {"*",     {"profile"}                    },
    {"admin", {"orders.write", "orders.read"}},
    {"clerk", {"orders.read", "profile"}     },
};

std::vector<std::string> of(std::vector<std::string> roles)
{
    return scopes_of(by_role, roles);
}

TEST(Scopes, ComeWithRolesEachOnce)
{
    EXPECT_THAT(of({}), ElementsAre("profile"));
    EXPECT_THAT(of({"nobody"}), ElementsAre("profile"));
    EXPECT_THAT(of({"clerk", "admin"}), ElementsAre("profile", "orders.read", "orders.write"));
    EXPECT_THAT(of({"*"}), ElementsAre("profile"));
    EXPECT_THAT(scopes_of({}, std::vector<std::string>{"admin"}), IsEmpty());
}

TEST(Scopes, AreReadStrictly) // RFC 6749, 3.3
{
    const auto read = [](const std::string& claim) {
        const auto payload = json::read(R"({"scope":)" + claim + "}");
        const auto scopes = read_scopes(*payload);
        return scopes ? scope_text(*scopes) : std::string(to_string(scopes.error()));
    };
    EXPECT_EQ(read(R"("a")"), "a");
    EXPECT_EQ(read(R"("orders.read urn:x/y")"), "orders.read urn:x/y");
    for (const auto* bad : {R"("")", R"(" ")", R"("a ")", R"(" a")", R"("a  b")", R"("a\tb")",
                            R"("a\"b")", R"("a\\b")", R"("ä")", R"(["a"])", "7", "null"}) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(read(bad), "malformed");
    }
    EXPECT_THAT(*read_scopes(*json::read("{}")), IsEmpty());
}

} // namespace
} // namespace gatehouse::auth
