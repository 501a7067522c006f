#include "auth/tokens/key_seal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Secret first(std::string(32, '1'));
const Secret second(std::string(32, '2'));
const Secret text(std::string("what nobody else may read"));

[[nodiscard]] KeySeal seal_of(const Secret& current, const std::vector<Secret>& previous = {})
{
    auto seal = KeySeal::make(current, previous);
    EXPECT_TRUE(seal) << seal.error().message;
    return *std::move(seal);
}

/// What opening says: the text, or the error's word.
[[nodiscard]] std::string opened(const KeySeal& seal, std::string_view sealed,
                                 std::string_view name = "keys")
{
    const auto result = seal.open(sealed, name);
    return result ? std::string(result->text.reveal()) : std::string(to_string(result.error()));
}

TEST(KeySeal, OpensWhatItSealed)
{
    const auto seal = seal_of(first);
    for (const auto& content : {text, Secret(), Secret(std::string(100'000, '\0'))}) {
        const auto sealed = seal.seal(content, "keys");
        EXPECT_EQ(opened(seal_of(first), sealed), content.reveal());
        EXPECT_FALSE(seal.open(sealed, "keys")->is_outdated);
    }
}

TEST(KeySeal, ShowsNothingOfTheText)
{
    const auto seal = seal_of(first);
    const auto sealed = seal.seal(text, "keys");
    EXPECT_THAT(sealed, Not(HasSubstr("nobody")));
    EXPECT_THAT(sealed, Not(HasSubstr(std::string(first.reveal()))));
    EXPECT_NE(sealed, seal.seal(text, "keys")) << "the same text never looks the same";
}

TEST(KeySeal, NoticesEveryChangedBitAndEveryMissingByte)
{
    const auto seal = seal_of(first);
    const auto sealed = seal.seal(text, "keys");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = sealed;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            EXPECT_FALSE(seal.open(changed, "keys")) << "byte " << at << " bit " << bit;
        }
        EXPECT_FALSE(seal.open(sealed.substr(0, at), "keys")) << at << " bytes";
        EXPECT_FALSE(seal.open(sealed.substr(at + 1), "keys")) << "from " << at + 1;
    }
    EXPECT_EQ(opened(seal, sealed + '\0'), "damaged");
}

TEST(KeySeal, SaysWhyItDoesNotOpen)
{
    const auto seal = seal_of(first);
    const auto sealed = seal.seal(text, "keys");
    auto later = sealed;
    later.front() = 2;
    auto damaged = sealed;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);

    const struct {
        const char* name;
        std::string_view sealed;
        KeySeal seal;
        std::string_view kept_as;
        std::string_view expected;
    } rows[] = {
        {"as it was", sealed, seal, "keys", text.reveal()},
        {"another name", sealed, seal, "other", "damaged"},
        {"no name", sealed, seal, "", "damaged"},
        {"another secret", sealed, seal_of(second), "keys", "other_secret"},
        {"a previous secret", sealed, seal_of(second, {first}), "keys", text.reveal()},
        {"a changed byte", damaged, seal, "keys", "damaged"},
        {"a version to come", later, seal, "keys", "unknown_version"},
        {"nothing", "", seal, "keys", "unknown_version"},
        {"something else", R"({"version":1})", seal, "keys", "unknown_version"},
        {"the head alone", std::string_view(sealed).substr(0, 9), seal, "keys", "damaged"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(opened(row.seal, row.sealed, row.kept_as), row.expected);
    }
}

TEST(KeySeal, SealsUnderTheCurrentSecretAndOpensUnderPreviousOnes)
{
    const auto changing = seal_of(second, {first});
    EXPECT_TRUE(changing.open(seal_of(first).seal(text, "keys"), "keys")->is_outdated);
    const auto anew = changing.seal(text, "keys");
    EXPECT_FALSE(changing.open(anew, "keys")->is_outdated);
    EXPECT_EQ(opened(seal_of(second), anew), text.reveal());
    EXPECT_EQ(opened(seal_of(first), anew), "other_secret");
}

TEST(KeySeal, WantsLongSecrets)
{
    const Secret good(std::string(32, 'x'));
    const Secret bad(std::string(31, 'x'));
    EXPECT_TRUE(KeySeal::make(good, {}));
    EXPECT_FALSE(KeySeal::make(bad, {}));
    EXPECT_FALSE(KeySeal::make(Secret(), {}));
    EXPECT_FALSE(KeySeal::make(good, {second, bad}));
    EXPECT_THAT(KeySeal::make(bad, {}).error().message, HasSubstr("at least 32 bytes"));
}

} // namespace
} // namespace gatehouse::auth
