#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/jose/key.hpp"
#include "auth/json/reader.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

namespace gatehouse::auth::jose {
namespace {

constexpr Algorithm every_algorithm[] = {Algorithm::es256, Algorithm::es384, Algorithm::rs256,
                                         Algorithm::ps256, Algorithm::eddsa, Algorithm::hs256};

/// One key for each algorithm; RSA keys take a while to make.
const Key& key_for(Algorithm algorithm)
{
    static const auto keys = [] {
        std::vector<Key::Pointer> made;
        for (const auto each : every_algorithm) made.push_back(Key::generate(each));
        return made;
    }();
    return *keys[static_cast<std::size_t>(
        std::find(std::begin(every_algorithm), std::end(every_algorithm), algorithm) -
        std::begin(every_algorithm))];
}

[[nodiscard]] json::Value parsed(std::string_view text)
{
    auto value = json::read(text);
    EXPECT_TRUE(value) << text;
    return value ? *std::move(value) : json::Value();
}

[[nodiscard]] std::string unhex(std::string_view hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

TEST(Key, VerifiesItsOwnSignatureAndNoOther)
{
    for (const auto algorithm : every_algorithm) {
        SCOPED_TRACE(to_string(algorithm));
        const auto& key = key_for(algorithm);
        const auto other = Key::generate(algorithm);
        const std::string input = "header.payload";
        const auto signature = key.sign(input);
        EXPECT_EQ(signature.size(), key.signature_bytes());
        EXPECT_TRUE(key.verify(input, signature));
        EXPECT_FALSE(key.verify("header.payloae", signature)) << "other bytes";
        EXPECT_FALSE(other->verify(input, signature)) << "another key";
        EXPECT_FALSE(key.verify(input, "")) << "no signature";
        EXPECT_FALSE(key.verify(input, signature.substr(1))) << "cut off";
        EXPECT_FALSE(key.verify(input, signature + '\0')) << "a byte behind it";
        EXPECT_FALSE(key.verify(input, std::string(signature.size(), '\0'))) << "zeros";
        for (std::size_t at = 0; at < signature.size(); at += 7) {
            auto flipped = signature;
            flipped[at] = static_cast<char>(flipped[at] ^ 1);
            EXPECT_FALSE(key.verify(input, flipped)) << "bit flipped in byte " << at;
        }
    }
}

// R30: a signature is good for one algorithm, also where the key could do two
TEST(Key, KeepsToItsOneAlgorithm)
{
    const auto& rs256 = key_for(Algorithm::rs256);
    const auto ps256 = Key::from_private_pem(Algorithm::ps256, rs256.private_text().reveal());
    ASSERT_TRUE(ps256);
    EXPECT_FALSE((*ps256)->verify("x", rs256.sign("x")));
    EXPECT_FALSE(rs256.verify("x", (*ps256)->sign("x")));
    EXPECT_TRUE((*ps256)->verify("x", (*ps256)->sign("x")));
}

TEST(Key, ComesBackFromItsPrivateText)
{
    for (const auto algorithm : every_algorithm) {
        if (algorithm == Algorithm::hs256) continue; // has a test of its own
        SCOPED_TRACE(to_string(algorithm));
        const auto& key = key_for(algorithm);
        const auto again = Key::from_private_pem(algorithm, key.private_text().reveal());
        ASSERT_TRUE(again);
        EXPECT_EQ((*again)->kid(), key.kid());
        EXPECT_TRUE(key.verify("input", (*again)->sign("input")));
    }
}

// R39, R31
TEST(Key, PublishesItsPublicHalfOnly)
{
    for (const auto algorithm : every_algorithm) {
        if (algorithm == Algorithm::hs256) continue;
        SCOPED_TRACE(to_string(algorithm));
        const auto& key = key_for(algorithm);
        const auto jwk = parsed(key.public_jwk());
        EXPECT_EQ(*jwk.find_string("alg"), to_string(algorithm));
        EXPECT_EQ(*jwk.find_string("kid"), key.kid());
        EXPECT_EQ(*jwk.find_string("use"), "sig");
        for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}) {
            EXPECT_EQ(jwk.find(secret), nullptr) << secret;
        }
        const auto imported = Key::from_public_jwk(jwk);
        ASSERT_TRUE(imported);
        EXPECT_EQ((*imported)->kid(), key.kid());
        EXPECT_TRUE((*imported)->verify("input", key.sign("input")));
    }
    EXPECT_EQ(key_for(Algorithm::hs256).public_jwk(), "");
}

// RFC 7638, 3.1
TEST(Key, NamesItselfByItsThumbprint)
{
    const auto key = Key::from_public_jwk(parsed(
        R"({"kty":"RSA","n":")"
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        R"(","e":"AQAB","alg":"RS256"})"));
    ASSERT_TRUE(key);
    EXPECT_EQ((*key)->kid(), std::string("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", 16));
}

// RFC 7515, A.1 and A.3; RFC 8037, A.4: signatures that others made
TEST(Key, VerifiesThePublishedExamples)
{
    const std::string claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                               "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    const auto hs256 = Key::from_secret(
        Secret(decode_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iP"
                                "S4hcgUuTwjAzZr1Z9CAow")
                   .value()));
    ASSERT_TRUE(hs256);
    EXPECT_TRUE(
        (*hs256)->verify("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + claims,
                         decode_base64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").value()));

    const auto es256 = Key::from_public_jwk(parsed(
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256"})"));
    ASSERT_TRUE(es256);
    EXPECT_TRUE(
        (*es256)->verify("eyJhbGciOiJFUzI1NiJ9." + claims,
                         decode_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDx"
                                          "w5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
                             .value()));

    const auto eddsa = Key::from_public_jwk(
        parsed(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                   "alg":"EdDSA"})"));
    ASSERT_TRUE(eddsa);
    EXPECT_TRUE(
        (*eddsa)->verify("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                         decode_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcN"
                                          "R4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
                             .value()));
}

// R33: S + L passes the curve equation, too; it must not pass here (RFC 8032, 5.1.7)
TEST(Key, RefusesTheSecondFormOfAnEdDsaSignature)
{
    const auto& key = key_for(Algorithm::eddsa);
    auto signature = key.sign("input");
    const auto order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) { // little-endian
        carry += static_cast<unsigned char>(signature[32 + i]);
        carry += static_cast<unsigned char>(order[i]);
        signature[32 + i] = static_cast<char>(carry & 0xFF);
        carry >>= 8;
    }
    EXPECT_FALSE(key.verify("input", signature));
}

// R33: CVE-2022-21449 and its relatives
TEST(Ecdsa, TakesOnlyNumbersInRange)
{
    const auto p256 = unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const auto p384 = unhex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
                            "581a0db248b0a77aecec196accc52973");
    const auto below = [](std::string order) {
        order.back() = static_cast<char>(order.back() - 1);
        return order;
    };
    const auto above = [](std::string order) {
        order.back() = static_cast<char>(order.back() + 1);
        return order;
    };
    for (const auto algorithm : {Algorithm::es256, Algorithm::es384}) {
        SCOPED_TRACE(to_string(algorithm));
        const auto& n = algorithm == Algorithm::es256 ? p256 : p384;
        const std::string zero(n.size(), '\0');
        const std::string one = zero.substr(1) + '\1';

        struct Case {
            const char* name;
            std::string signature;
            bool taken;
        };

        const Case cases[] = {
            {"the least numbers", one + one, true},
            {"the greatest numbers", below(n) + below(n), true},
            {"r is 0", zero + one, false},
            {"s is 0", one + zero, false},
            {"r is n", n + one, false},
            {"s is n", one + n, false},
            {"r is above n", above(n) + one, false},
            {"s is all ones", one + std::string(n.size(), '\xFF'), false},
            {"a byte short", one + one.substr(1), false},
            {"two bytes short", one.substr(1) + one.substr(1), false},
            {"two bytes long", '\0' + one + '\0' + one, false},
            {"nothing", "", false},
        };
        for (const auto& c : cases) {
            SCOPED_TRACE(c.name);
            const auto der = ecdsa_to_der(algorithm, c.signature);
            EXPECT_EQ(der.has_value(), c.taken);
            if (der) EXPECT_EQ(ecdsa_from_der(algorithm, *der), c.signature);
        }
    }
}

// R33: RSA >= 2048, the right curve, the right type
TEST(Key, RefusesKeysThatDoNotFitTheAlgorithm)
{
    const auto pem_of = [](EVP_PKEY* pkey) {
        BIO* bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PKCS8PrivateKey(bio, pkey, nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const auto size = BIO_get_mem_data(bio, &text);
        std::string pem(text, static_cast<std::size_t>(size));
        BIO_free(bio);
        EVP_PKEY_free(pkey);
        return pem;
    };
    const auto text_of = [](Algorithm algorithm) {
        return std::string(key_for(algorithm).private_text().reveal());
    };

    struct Case {
        const char* name;
        Algorithm algorithm;
        std::string pem;
    };

    const Case cases[] = {
        {"RSA with 1024 bits for RS256", Algorithm::rs256, pem_of(EVP_RSA_gen(1024))      },
        {"RSA with 2047 bits for PS256", Algorithm::ps256, pem_of(EVP_RSA_gen(2047))      },
        {"another curve for ES256",      Algorithm::es256, pem_of(EVP_EC_gen("secp256k1"))},
        {"P-384 for ES256",              Algorithm::es256, text_of(Algorithm::es384)      },
        {"P-256 for ES384",              Algorithm::es384, text_of(Algorithm::es256)      },
        {"EC for RS256",                 Algorithm::rs256, text_of(Algorithm::es256)      },
        {"RSA for EdDSA",                Algorithm::eddsa, text_of(Algorithm::rs256)      },
        {"Ed25519 for ES256",            Algorithm::es256, text_of(Algorithm::eddsa)      },
        {"a private key for HS256",      Algorithm::hs256, text_of(Algorithm::es256)      },
        {"no PEM",                       Algorithm::es256, "-----BEGIN PRIVATE KEY-----\n"},
        {"nothing",                      Algorithm::es256, ""                             },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto key = Key::from_private_pem(c.algorithm, c.pem);
        ASSERT_FALSE(key);
        EXPECT_NE(key.error().message, "");
    }
}

TEST(Key, RefusesJwksThatAreNoPublicKeys)
{
    const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const auto ec = [](const std::string& px, const std::string& py, const std::string& rest) {
        return R"({"kty":"EC","x":")" + px + R"(","y":")" + py + "\"," + rest + "}";
    };
    const std::string p256 = R"("crv":"P-256","alg":"ES256")";
    ASSERT_TRUE(Key::from_public_jwk(parsed(ec(x, y, p256)))) << "the row the others vary";

    const std::pair<const char*, std::string> refused[] = {
        {"no alg", ec(x, y, R"("crv":"P-256")")},
        {"alg none", ec(x, y, R"("crv":"P-256","alg":"none")")},
        {"alg in lower case", ec(x, y, R"("crv":"P-256","alg":"es256")")},
        {"alg is no string", ec(x, y, R"("crv":"P-256","alg":1)")},
        {"alg of another type", ec(x, y, R"("crv":"P-256","alg":"RS256")")},
        {"HS256 with a public key", ec(x, y, R"("crv":"P-256","alg":"HS256")")},
        {"another curve's name", ec(x, y, R"("crv":"P-384","alg":"ES256")")},
        {"no curve", ec(x, y, R"("alg":"ES256")")},
        {"a point off the curve", ec(x, x, p256)},
        {"a number too short", ec("AQ", y, p256)},
        {"not base64url", ec(x + "=", y, p256)},
        {"a short RSA key", R"({"kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS256"})"},
        {"half an Ed25519 key", R"({"kty":"OKP","crv":"Ed25519","x":"AQAB","alg":"EdDSA"})"},
        {"a shared secret",
         R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T","alg":"HS256"})"},
        {"no object", "[]"},
    };
    for (const auto& [name, jwk] : refused) {
        SCOPED_TRACE(name);
        EXPECT_FALSE(Key::from_public_jwk(parsed(jwk)));
    }
}

// RFC 7518, 3.2
TEST(Key, TakesNoShortSecret)
{
    EXPECT_FALSE(Key::from_secret(Secret(std::string(31, 'x'))));
    EXPECT_TRUE(Key::from_secret(Secret(std::string(32, 'x'))));
}

TEST(Key, KnowsExactlyTheNamesOfItsAlgorithms)
{
    for (const auto algorithm : every_algorithm) {
        EXPECT_EQ(parse_algorithm(to_string(algorithm)), algorithm);
    }
    for (const char* name : {"none", "None", "NONE", "nOnE", "", "es256", "Es256", "ES256 ",
                             "HS384", "HS512", "RS384", "ES512", "ES256K", "Ed25519", "eddsa"}) {
        EXPECT_EQ(parse_algorithm(name), std::nullopt) << name;
    }
}

// More secrets than a thread keeps contexts for, used in turn
TEST(HmacKey, AnswersForTheRightSecretAfterManyOthers)
{
    std::vector<Key::Pointer> keys;
    std::vector<std::string> signatures;
    for (int i = 0; i < 20; ++i) {
        keys.push_back(Key::generate(Algorithm::hs256));
        signatures.push_back(keys.back()->sign("input"));
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_TRUE(keys[i]->verify("input", signatures[i]));
        EXPECT_FALSE(keys[i]->verify("input", signatures[(i + 1) % keys.size()]));
    }
}

TEST(EcdsaFromForeignDer, TakesNumbersThatFitInTheOneForm)
{
    const std::string r(31, '\x11');
    const std::string s(32, '\x22');
    const auto read = [](const std::string& der) {
        return ecdsa_from_foreign_der(Algorithm::es256, der);
    };
    const std::string head = {'\x30', '\x43', '\x02', '\x1F'};
    EXPECT_EQ(read(head + r + "\x02\x20" + s), std::string(1, '\0') + r + s) << "padded";
    EXPECT_FALSE(read(head + r + "\x02\x20" + s + "x")) << "a byte behind it";
    EXPECT_FALSE(read(head + r + "\x02\x20" + s.substr(1))) << "cut off";
    EXPECT_FALSE(read(unhex("300702020011020122"))) << "a zero that is not needed";
    EXPECT_FALSE(read(unhex("30060201EF020122"))) << "a negative number";
    EXPECT_FALSE(read(unhex("302602210100") + std::string(31, '\x11') + unhex("020122")))
        << "a number too large";
    EXPECT_FALSE(read("")) << "nothing";
}

} // namespace
} // namespace gatehouse::auth::jose
