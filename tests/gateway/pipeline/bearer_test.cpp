#include "gateway/pipeline/bearer.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(Bearer, StandsInExactlyOneAuthorizationField) // R37
{
    using auth::TokenError;

    struct Case {
        const char* name;
        std::vector<Field> fields;
        Result<std::string_view, TokenError> expected;
    };

    const Field good{"Authorization", "Bearer abc"};
    const Case cases[] = {
        {"nothing",                                   {},                                         TokenError::missing  },
        {"a token",                                   {good},                                     "abc"                },
        {"any case of name and scheme",               {{"aUTHORIZATION", "bEARER abc"}},          "abc"                },
        {"more than one space",                       {{"Authorization", "Bearer   abc"}},        "abc"                },
        {"two of them",                               {good, good},                               TokenError::ambiguous},
        {"two of them, one of another scheme",
         {good, {"authorization", "Basic eA=="}},
         TokenError::ambiguous                                                                                         },
        {"the other way round",                       {{"Authorization", "Basic eA=="}, good},    TokenError::ambiguous},
        {"another scheme",                            {{"Authorization", "Basic abc"}},           TokenError::missing  },
        {"a scheme that begins the same",             {{"Authorization", "Bearers abc"}},         TokenError::missing  },
        {"a list",                                    {{"Authorization", "Basic x, Bearer abc"}}, TokenError::missing  },
        {"no scheme",                                 {{"Authorization", "abc"}},                 TokenError::missing  },
        {"an empty field",                            {{"Authorization", ""}},                    TokenError::missing  },
        {"a scheme alone",                            {{"Authorization", "Bearer"}},              TokenError::missing  },
        {"two tokens are for the verifier to refuse", {{"Authorization", "Bearer a b"}},          "a b"                },
        {"and so is one after a tab",                 {{"Authorization", "Bearer\tabc"}},         "\tabc"              },
        {"other places do not count",
         {{"Cookie", "access_token=abc"},
          {"Proxy-Authorization", "Bearer abc"},
          {"X-Authorization", "Bearer abc"}},
         TokenError::missing                                                                                           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto token = bearer_token(c.fields);
        ASSERT_EQ(token.has_value(), c.expected.has_value());
        if (token)
            EXPECT_EQ(*token, *c.expected);
        else
            EXPECT_EQ(token.error(), c.expected.error());
    }
}

} // namespace
} // namespace gatehouse::gateway
