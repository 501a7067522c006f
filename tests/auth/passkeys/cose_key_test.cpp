#include "auth/passkeys/cose_key.hpp"
#include "tests/auth/passkeys/software_authenticator.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::auth::passkeys {
namespace {

using namespace std::string_literals;
using test::SoftwareAuthenticator;
namespace write = auth::test::cbor;
using write::integer;

const SoftwareAuthenticator& ec()
{
    static const SoftwareAuthenticator made(jose::Algorithm::es256);
    return made;
}

const SoftwareAuthenticator& rsa()
{
    static const SoftwareAuthenticator made(jose::Algorithm::rs256);
    return made;
}

const SoftwareAuthenticator& okp()
{
    static const SoftwareAuthenticator made(jose::Algorithm::eddsa);
    return made;
}

/// A key of P-256 with other values than the right ones.
struct Ec {
    std::int64_t kty = 2;
    std::int64_t alg = -7;
    std::int64_t crv = 1;
    std::string x = write::bytes(ec().member("x"));
    std::string y = write::bytes(ec().member("y"));

    [[nodiscard]] std::string bytes() const
    {
        return write::map({
            {integer(1),  integer(kty)},
            {integer(3),  integer(alg)},
            {integer(-1), integer(crv)},
            {integer(-2), x           },
            {integer(-3), y           }
        });
    }
};

std::string rsa_key(const std::string& n, const std::string& e)
{
    return write::map({
        {integer(1),  integer(3)     },
        {integer(3),  integer(-257)  },
        {integer(-1), write::bytes(n)},
        {integer(-2), write::bytes(e)}
    });
}

TEST(CoseKey, IsReadForTheAlgorithmItNames)
{
    for (const auto* each : {&ec(), &rsa(), &okp()}) {
        const auto key = read_cose_key(each->cose_key());
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ((*key)->algorithm(), each->key().algorithm());
        EXPECT_EQ((*key)->kid(), each->key().kid());
        const auto signature = SoftwareAuthenticator::sign(each->key(), "input");
        EXPECT_TRUE(is_signed(**key, "input", signature));
        EXPECT_FALSE(is_signed(**key, "inpux", signature));
    }
}

TEST(CoseKey, IsRefusedWhenItIsNoSafeKey)
{
    const auto zeros = write::bytes(std::string(32, '\0'));
    auto longer = ec().member("x");
    longer.insert(longer.begin(), '\0');

    const struct {
        const char* name;
        std::string bytes;
    } cases[] = {
        {"no CBOR", "\xFF"s},
        {"no map", integer(1)},
        {"an empty map", write::map({})},
        {"ES384", Ec{.alg = -35}.bytes()},
        {"HMAC", Ec{.alg = 5}.bytes()},
        {"RS1, with SHA-1", Ec{.alg = -65535}.bytes()},
        {"EdDSA with a point of P-256", Ec{.alg = -8}.bytes()},
        {"another type of key", Ec{.kty = 1}.bytes()},
        {"P-384", Ec{.crv = 2}.bytes()},
        {"a point off the curve", Ec{.y = write::bytes(ec().member("x"))}.bytes()},
        {"the point at infinity", Ec{.x = zeros, .y = zeros}.bytes()},
        {"a compressed point", Ec{.y = "\xF5"s}.bytes()},
        {"a number with a zero before it", Ec{.x = write::bytes(longer)}.bytes()},
        {"half a key", write::map({{integer(1), integer(2)}, {integer(3), integer(-7)}})},
        {"with the private half", write::map({{integer(1), integer(2)},
                                              {integer(3), integer(-7)},
                                              {integer(-1), integer(1)},
                                              {integer(-2), write::bytes(ec().member("x"))},
                                              {integer(-3), write::bytes(ec().member("y"))},
                                              {integer(-4), zeros}})},
        {"RSA of 1024 bits", rsa_key(rsa().member("n").substr(0, 128), rsa().member("e"))},
        {"RSA of 16384 bits", rsa_key(std::string(2048, '\xFF'), rsa().member("e"))},
        {"RSA with a long exponent", rsa_key(rsa().member("n"), std::string(9, '\xFF'))},
        {"RSA with no exponent", rsa_key(rsa().member("n"), "")},
        {"RSA with a zero before it", rsa_key("\0"s + rsa().member("n"), rsa().member("e"))},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_FALSE(read_cose_key(c.bytes));
    }
}

TEST(CoseKey, TakesASignatureInItsOneForm)
{
    const auto key = read_cose_key(ec().cose_key());
    ASSERT_TRUE(key);
    const auto raw = ec().key().sign("input");
    const auto der = *jose::ecdsa_to_der(jose::Algorithm::es256, raw);
    EXPECT_TRUE(is_signed(**key, "input", der));
    EXPECT_FALSE(is_signed(**key, "input", raw)) << "as JOSE has it";
    EXPECT_FALSE(is_signed(**key, "input", der + '\0')) << "a byte behind it";
    const auto shifted = "\x30\x81"s + der.substr(1);
    EXPECT_FALSE(is_signed(**key, "input", shifted)) << "a length in its longer form";
    EXPECT_FALSE(is_signed(**key, "input", "\x30\x06\x02\x01\x00\x02\x01\x00"s)) << "zeros";
    EXPECT_FALSE(is_signed(**key, "input", "")) << "nothing";
}

} // namespace
} // namespace gatehouse::auth::passkeys
