#include "auth/apikeys/api_key_text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::auth {
namespace {

TEST(ApiKeyText, WhatWasMadeIsRead)
{
    const auto key = make_api_key();
    const auto text = key.text.reveal();
    EXPECT_TRUE(looks_like_api_key(text));
    EXPECT_EQ(text.size(), 76U);
    const auto proof = read_api_key(text);
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->id.to_string(), key.id);
    EXPECT_EQ(proof->digest, key.digest);
    EXPECT_EQ(key.digest.size(), 32U);
    EXPECT_EQ(text.find(key.id), 3U) << "whoever has the key can tell which it is";
}

TEST(ApiKeyText, NoTwoAreAlike)
{
    std::set<std::string> ids;
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
        const auto key = make_api_key();
        ids.insert(key.id);
        texts.emplace(key.text.reveal());
    }
    EXPECT_EQ(ids.size(), 1000U);
    EXPECT_EQ(texts.size(), 1000U);
}

TEST(ApiKeyText, EveryTypoIsTold)
{
    const auto key = make_api_key();
    const std::string text(key.text.reveal());
    for (std::size_t at = 0; at < text.size(); ++at) {
        SCOPED_TRACE(at);
        auto typo = text;
        typo[at] = typo[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(read_api_key(typo));
    }
}

TEST(ApiKeyText, WhatHasAnotherFormIsNone)
{
    const auto key = make_api_key();
    const std::string text(key.text.reveal());
    const std::string others[] = {
        "",
        "gh_",
        text.substr(1),
        text.substr(0, 75),
        text + "A",
        " " + text,
        text + " ",
        "GH_" + text.substr(3),
        text + text,
        "eyJhbGciOiJub",
        std::string(76, '_'),
        "gh_" + std::string(73, '_'),
        text + '\0',
        "gh_" + std::string(73, 'A'),
    };
    for (const auto& other : others) EXPECT_EQ(read_api_key(other).error(), TokenError::malformed);
}

} // namespace
} // namespace gatehouse::auth
