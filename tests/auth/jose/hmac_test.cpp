#include "auth/jose/hmac.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::auth::jose {
namespace {

std::string mac(const std::string& key, const std::string& input)
{
    std::string hex;
    for (const char c : HmacSecret(Secret{key}).mac(input)) {
        const auto byte = static_cast<unsigned char>(c);
        hex += "0123456789abcdef"[byte >> 4U];
        hex += "0123456789abcdef"[byte & 0xFU];
    }
    return hex;
}

// RFC 4231, 4: keys shorter than a block of the digest, and longer
TEST(Hmac, AgreesWithTheStandardsExamples)
{
    struct Case {
        const char* name;
        std::string key;
        std::string input;
        const char* expected;
    };

    const Case cases[] = {
        {"4.2", std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4.3", "Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"4.4", std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"4.7", std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(mac(c.key, c.input), c.expected);
    }
}

TEST(Hmac, TakesAKeyThatFillsABlockAsItIs)
{
    const std::string block(64, 'k');
    EXPECT_NE(mac(block, "input"), mac(block + "k", "input"));
    EXPECT_EQ(mac(std::string(63, 'k') + '\0', "input"), mac(std::string(63, 'k'), "input"))
        << "RFC 2104, 2: zeros fill it up";
}

TEST(Hmac, IsTheSameEachTimeAndForThisInputOnly)
{
    const HmacSecret secret(Secret{std::string(40, 's')});
    const auto first = secret.mac("input");
    EXPECT_EQ(secret.mac("input"), first);
    EXPECT_TRUE(secret.verify("input", {first.data(), first.size()}));
    EXPECT_FALSE(secret.verify("inpuT", {first.data(), first.size()}));
    EXPECT_FALSE(secret.verify("input", {first.data(), first.size() - 1}));
}

} // namespace
} // namespace gatehouse::auth::jose
