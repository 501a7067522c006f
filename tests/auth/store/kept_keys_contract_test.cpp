#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

class KeyContract : public StoreContract {
protected:
    [[nodiscard]] bool replace(std::uint64_t expected, const std::string& bytes) const
    {
        return must(store->replace_keys("ring", expected, bytes, noon));
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, KeyContract, every_store, name_of);

TEST_P(KeyContract, NothingIsKeptInTheBeginning)
{
    EXPECT_FALSE(must(store->read_keys("ring")));
    EXPECT_FALSE(replace(1, "x"));
    EXPECT_FALSE(must(store->read_keys("ring")));
}

TEST_P(KeyContract, KeepsWhatReplacedTheVersionThatWasExpected)
{
    using Kept = KeptKeys::Kept;
    EXPECT_TRUE(replace(0, "one"));
    EXPECT_THAT(must(store->read_keys("ring")), Optional(Kept{1, "one"}));
    EXPECT_TRUE(replace(1, "two"));
    for (const std::uint64_t expected : {0, 1, 3}) {
        SCOPED_TRACE(expected);
        EXPECT_FALSE(replace(expected, "three"));
        EXPECT_THAT(must(store->read_keys("ring")), Optional(Kept{2, "two"}));
    }
}

TEST_P(KeyContract, KeepsAnyBytes)
{
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    const auto large = std::string(std::size_t{1} << 20U, '\0') + all;
    EXPECT_TRUE(replace(0, all));
    EXPECT_EQ(must(store->read_keys("ring"))->bytes, all);
    EXPECT_TRUE(replace(1, large));
    EXPECT_EQ(must(store->read_keys("ring"))->bytes, large);
    EXPECT_TRUE(replace(2, ""));
    EXPECT_EQ(must(store->read_keys("ring"))->bytes, "");
}

TEST_P(KeyContract, NamesAreOfTheirOwn)
{
    EXPECT_TRUE(replace(0, "ring"));
    EXPECT_TRUE(must(store->replace_keys("other", 0, "other", noon)));
    EXPECT_TRUE(replace(1, "ring again"));
    EXPECT_EQ(must(store->read_keys("other"))->bytes, "other");
    EXPECT_FALSE(must(store->read_keys("Ring")));
}

TEST_P(KeyContract, TheFeedTellsOfEachReplacement)
{
    EXPECT_TRUE(replace(0, "one"));
    EXPECT_THAT(story(), ElementsAre("keys_changed "));
    EXPECT_FALSE(replace(0, "two"));
    EXPECT_THAT(story(1), IsEmpty());
    EXPECT_TRUE(replace(1, "two"));
    EXPECT_EQ(must(store->changes_after(1, 9)).at(0).at, noon);
}

} // namespace
} // namespace gatehouse::auth::contract
