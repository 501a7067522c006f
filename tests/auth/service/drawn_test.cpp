#include "auth/service/drawn.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using config::Fill;
using config::Shape;

template <class Value>
Shape one(const std::string& name, Value value)
{
    Shape shape;
    shape.members.push_back({name, std::move(value)});
    return shape;
}

Profile ann()
{
    Profile user;
    user.id = "u1";
    user.username = "Ann \"A\"";
    user.roles = {"2001", "editor", "007", "0", "-5", "123456789012345", "1234567890123456", ""};
    return user;
}

TEST(Drawn, FillsEachPlaceFromTheUser)
{
    const auto user = ann();

    const struct {
        Fill what;
        const char* drawn;
    } cases[] = {
        {Fill::id,       R"({"x":"u1"})"                                                    },
        {Fill::username, R"({"x":"Ann \"A\""})"                                             },
        {Fill::email,    R"({"x":null})"                                                    },
        {Fill::role,     R"({"x":"2001"})"                                                  },
        {Fill::roles,
         R"({"x":["2001","editor","007","0","-5","123456789012345","1234567890123456",""]})"},
    };

    for (const auto& c : cases) EXPECT_EQ(draw(one("x", c.what), {&user}), c.drawn);
}

TEST(Drawn, RolesThatAScriptReadsAsTheSameNumberAreNumbersWhereThatIsWanted)
{
    const auto user = ann();
    Filling filling{&user};
    filling.numeric_roles = true;
    EXPECT_EQ(draw(one("x", Fill::roles), filling),
              R"({"x":[2001,"editor","007",0,"-5",123456789012345,"1234567890123456",""]})");
    EXPECT_EQ(draw(one("x", Fill::role), filling), R"({"x":2001})");
}

TEST(Drawn, KeepsTheOrderTheTextAndTheNesting)
{
    const auto user = ann();
    Shape shape = one("message", std::string("it's \"done\""));
    shape.members.push_back({"UserInfo", one("id", Fill::id)});
    shape.members.push_back({"last", Fill::email});
    EXPECT_EQ(draw(shape, {&user}),
              R"({"message":"it's \"done\"","UserInfo":{"id":"u1"},"last":null})");
    EXPECT_EQ(draw({}, {&user}), "{}");
}

TEST(Drawn, AUserWithoutRolesHasNullForOne)
{
    const Profile nobody;
    EXPECT_EQ(draw(one("x", Fill::role), {&nobody}), R"({"x":null})");
    EXPECT_EQ(draw(one("x", Fill::roles), {&nobody}), R"({"x":[]})");
}

TEST(Drawn, ARefreshTokenIsLeftOutWhereACookieCarriesIt)
{
    const auto user = ann();
    Grant grant;
    grant.access_token = Secret("access");
    grant.refresh_token = Secret("refresh");
    grant.access_life = std::chrono::minutes(5);
    Shape shape = one("access", Fill::access_token);
    shape.members.push_back({"refresh", Fill::refresh_token});
    shape.members.push_back({"in", Fill::expires_in});
    for (const auto delivery : {SessionDelivery::body, SessionDelivery::both}) {
        grant.delivery = delivery;
        EXPECT_EQ(draw(shape, {&user, &grant}),
                  R"({"access":"access","refresh":"refresh","in":300})");
    }
    grant.delivery = SessionDelivery::cookie;
    EXPECT_EQ(draw(shape, {&user, &grant}), R"({"access":"access","in":300})");
}

} // namespace
} // namespace gatehouse::auth
