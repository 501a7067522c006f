#include "auth/jose/jwks.hpp"
#include "auth/json/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace gatehouse::auth::jose {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::array every_algorithm{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512,
                                     Algorithm::ps256, Algorithm::ps384, Algorithm::ps512,
                                     Algorithm::es256, Algorithm::es384, Algorithm::eddsa};
constexpr std::array usual{Algorithm::rs256, Algorithm::es256, Algorithm::eddsa};

std::string set_of(const std::string& keys)
{
    return R"({"keys":[)" + keys + "]}";
}

const Key& rsa()
{
    static const auto key = Key::generate(Algorithm::rs256);
    return *key;
}

const Key& curve()
{
    static const auto key = Key::generate(Algorithm::es256);
    return *key;
}

/// The JWK with another text in the place of one.
std::string with(std::string jwk, const std::string& old, const std::string& other)
{
    const auto at = jwk.find(old);
    EXPECT_NE(at, jwk.npos) << old;
    return jwk.replace(at, old.size(), other);
}

/// An RSA key of 1024 bits.
constexpr auto weak_rsa =
    R"({"kty":"RSA","alg":"RS256","e":"AQAB","n":"0VkV5RyVi7XlA8yVw9x8viM-IZ-9MF6kz3ivweVQ-xULB52)"
    R"(WghAfPdgoddNx4VUivkZoP5CiT-C1mkGDUp7OR7_5_uOhP7xPRDEFpcOvfr8YFAI0SbB7CnNbrlRqrdVVL_wjbpvh)"
    R"(P8AQ_CR8A_c-FnLx66rE2U8AgSqg5HpCl4s"})";

TEST(Jwks, HasTheKeysOfEveryAlgorithmUnderTheirNames)
{
    for (const auto algorithm : every_algorithm) {
        SCOPED_TRACE(to_string(algorithm));
        const auto key = Key::generate(algorithm);
        const auto set = read_jwks(set_of(key->public_jwk()), every_algorithm);
        ASSERT_TRUE(set) << set.error().message;
        ASSERT_EQ(set->keys.size(), 1U);
        EXPECT_THAT(set->left_out, IsEmpty());
        EXPECT_EQ(set->keys.front().kid, key->kid());
        EXPECT_EQ(set->keys.front().key->algorithm(), algorithm);
        EXPECT_TRUE(set->keys.front().key->verify("what", key->sign("what")));
        EXPECT_FALSE(set->keys.front().key->verify("else", key->sign("what")));
    }
}

TEST(Jwks, TakesAKeyWithoutAnAlgorithmForThoseThatAreAllowed)
{
    auto jwk = with(rsa().public_jwk(), R"("alg":"RS256",)", "");
    EXPECT_EQ(read_jwks(set_of(jwk), usual)->keys.size(), 1U);
    const auto all = read_jwks(set_of(jwk), every_algorithm);
    ASSERT_EQ(all->keys.size(), 6U) << "an RSA key does for six";
    EXPECT_EQ(read_jwks(set_of(with(jwk, R"(,"kid":")" + rsa().kid() + '"', "")), usual)
                  ->keys.front()
                  .kid,
              std::nullopt);
}

struct LeftOut {
    const char* name;
    std::string jwk;
    const char* why; // "": it is of use
};

// R30, R33, R39, and the rest of RFC 7517 that keeps a key from signing tokens
TEST(Jwks, LeavesOutWhatIsOfNoUseAndSaysWhy)
{
    const auto good = curve().public_jwk();
    const auto use = std::string(R"("use":"sig")");
    const LeftOut rows[] = {
        {"a good key", good, ""},
        {"a certificate beside it", with(good, use, R"("x5c":["MII"],"x5t":"a","use":"sig")"), ""},
        {"no use", with(good, use + ',', ""), ""},
        {"for encryption", with(good, use, R"("use":"enc")"), "not for signing"},
        {"a use that is no text", with(good, use, R"("use":1)"), "not for signing"},
        {"operations with verify", with(good, use, R"("key_ops":["sign","verify"])"), ""},
        {"operations without verify", with(good, use, R"("key_ops":["encrypt"])"),
         "not for signing"},
        {"operations of no list", with(good, use, R"("key_ops":"verify")"), "not for signing"},
        {"its private half", with(good, use, R"("d":"AAAA","use":"sig")"), "private half"},
        {"a secret", R"({"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTIzNA","alg":"HS256"})",
         "private half"},
        {"a secret without k", R"({"kty":"oct","alg":"HS256"})", "nothing that is"},
        {"another algorithm", with(good, "ES256", "ES384"), "nothing that is"},
        {"an algorithm for wrapping", with(good, "ES256", "ECDH-ES"), "nothing that is"},
        {"the algorithm none", with(good, "ES256", "none"), "nothing that is"},
        {"an algorithm in lower case", with(good, "ES256", "es256"), "nothing that is"},
        {"one for a public key as a secret", with(good, "ES256", "HS256"), "nothing that is"},
        {"another curve", with(good, "P-256", "secp256k1"), "nothing that is"},
        {"another type", with(good, R"("kty":"EC")", R"("kty":"AKP")"), "nothing that is"},
        {"no type", with(good, R"("kty":"EC",)", ""), "nothing that is"},
        {"a point off its curve", with(good, R"("x":")", R"("y2":")"), "no valid public key"},
        {"a kid that is a number", with(good, '"' + curve().kid() + '"', "7"), "kid"},
        {"an empty kid", with(good, '"' + curve().kid() + '"', R"("")"), "kid"},
        {"a kid without end", with(good, curve().kid(), std::string(257, 'k')), "kid"},
        {"an RSA key that is weak", weak_rsa, "fewer than 2048"},
        {"no object", "7", "no object"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto set = read_jwks(set_of(row.jwk + ',' + rsa().public_jwk()), usual);
        ASSERT_TRUE(set) << set.error().message;
        const bool good_too = *row.why == '\0';
        EXPECT_EQ(set->keys.size(), good_too ? 2U : 1U) << "the other one is of use in any case";
        if (good_too) continue;
        ASSERT_EQ(set->left_out.size(), 1U);
        EXPECT_THAT(set->left_out.front(), HasSubstr("keys[0]: "));
        EXPECT_THAT(set->left_out.front(), HasSubstr(row.why));
        EXPECT_EQ(set->left_out.front().find("c2Vjcm"), std::string::npos);
    }
}

TEST(Jwks, IsRefusedAsAWholeWhereItIsNone)
{
    const auto key = curve().public_jwk();
    std::string many = key;
    for (std::size_t i = 0; i < most_jwks_keys; ++i) many += ',' + key;
    const std::pair<std::string, const char*> rows[] = {
        {"", "no strict JSON"},
        {"<html>502</html>", "no strict JSON"},
        {set_of(key) + "}", "no strict JSON"},
        {R"({"keys":[],"keys":[)" + key + "]}", "no strict JSON"},
        {"[" + key + "]", "no list of `keys`"},
        {R"({"keys":{}})", "no list of `keys`"},
        {"{}", "no list of `keys`"},
        {set_of(many), "too many keys"},
        {set_of(key) + std::string(longest_jwks_bytes, ' '), "too long"},
        {std::string(100, '[') + std::string(100, ']'), "no strict JSON"},
    };
    for (const auto& [text, why] : rows) {
        SCOPED_TRACE(text.substr(0, 40));
        const auto set = read_jwks(text, usual);
        ASSERT_FALSE(set);
        EXPECT_THAT(set.error().message, HasSubstr(why));
    }
    EXPECT_THAT(read_jwks(R"({"keys":[]})", usual)->keys, IsEmpty());
}

} // namespace
} // namespace gatehouse::auth::jose
