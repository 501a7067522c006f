#include "auth/json/reader.hpp"
#include "auth/tokens/key_file.hpp"
#include "auth/tokens/key_import.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using config::Algorithm;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Known a minute ahead, as in a store that many gateways read.
const KeyTerms shared{Algorithm::es256, 1h, 24h, {}, 1min};

[[nodiscard]] std::string pem_of(EVP_PKEY* pkey, const EVP_CIPHER* cipher = nullptr)
{
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey, cipher, nullptr, 0,
                                  cipher == nullptr ? nullptr : [](char* to, int, int, void*) {
                                      *to = 'x';
                                      return 1;
                                  },
                                  nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

[[nodiscard]] std::string public_pem_of(EVP_PKEY* pkey)
{
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_PUBKEY(bio.get(), pkey);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

using Made = std::unique_ptr<EVP_PKEY, jose::PkeyDeleter>;

[[nodiscard]] std::string problem(const std::string& text, Algorithm preferred = Algorithm::es256)
{
    const auto keys = read_foreign_keys(Secret(text), preferred, noon);
    return keys ? "it was read" : keys.error().message;
}

[[nodiscard]] jose::Key::Pointer key_in(const std::string& text,
                                        Algorithm preferred = Algorithm::es256)
{
    const auto keys = read_foreign_keys(Secret(text), preferred, noon);
    EXPECT_TRUE(keys) << (keys ? "" : keys.error().message);
    return keys ? keys->access.front().key : nullptr;
}

/// Made by another program, with both halves.
constexpr auto es256_jwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
    R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")"; // RFC 7515, A.3
constexpr auto ed25519_jwk =
    R"({"kty":"OKP","crv":"Ed25519",)"
    R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
    R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")"; // RFC 8037, A.1

TEST(ReadForeignKeys, TakesPrivateKeysOfEveryKind)
{
    for (const auto algorithm : {Algorithm::es256, Algorithm::es384, Algorithm::eddsa,
                                 Algorithm::rs256, Algorithm::ps256}) {
        SCOPED_TRACE(jose::to_string(algorithm));
        const auto key = jose::Key::generate(algorithm);
        const auto read = key_in(std::string(key->private_text().reveal()), algorithm);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->algorithm(), algorithm);
        EXPECT_EQ(read->kid(), key->kid());
    }
    const auto rsa = jose::Key::generate(Algorithm::rs256);
    EXPECT_EQ(key_in(std::string(rsa->private_text().reveal()))->algorithm(), Algorithm::rs256)
        << "as nobody asked for PS256";
}

TEST(ReadForeignKeys, TakesJwksWithBothHalves)
{
    const auto es256 = key_in(std::string(es256_jwk) + "}");
    ASSERT_TRUE(es256);
    EXPECT_EQ(es256->algorithm(), Algorithm::es256);
    EXPECT_TRUE(es256->verify("text", es256->sign("text")));
    const auto eddsa = key_in(std::string(ed25519_jwk) + R"(,"use":"sig","key_ops":["sign"]})");
    ASSERT_TRUE(eddsa);
    EXPECT_EQ(eddsa->algorithm(), Algorithm::eddsa);
    EXPECT_EQ(key_in(R"( {"keys":[)" + std::string(es256_jwk) + R"(,"alg":"ES256"}]})")->kid(),
              es256->kid());
}

/// The numbers of an RSA key as the members of a JWK.
[[nodiscard]] std::string rsa_jwk(const EVP_PKEY& pkey, std::string_view without = {})
{
    constexpr std::pair<const char*, const char*> members[] = {
        {"n",  OSSL_PKEY_PARAM_RSA_N           },
        {"e",  OSSL_PKEY_PARAM_RSA_E           },
        {"d",  OSSL_PKEY_PARAM_RSA_D           },
        {"p",  OSSL_PKEY_PARAM_RSA_FACTOR1     },
        {"q",  OSSL_PKEY_PARAM_RSA_FACTOR2     },
        {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1   },
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2   },
        {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    std::string text = R"({"kty":"RSA")";
    for (const auto& [name, parameter] : members) {
        if (name == without) continue;
        BIGNUM* number = nullptr;
        EVP_PKEY_get_bn_param(&pkey, parameter, &number);
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
        BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(number);
        text += std::string(R"(,")") + name + R"(":")" + jose::encode_base64url(bytes) + '"';
    }
    return text + "}";
}

TEST(ReadForeignKeys, TakesAnRsaJwkThatIsWholeOnly)
{
    const Made pkey(EVP_RSA_gen(2048));
    const auto key = key_in(rsa_jwk(*pkey), Algorithm::ps256);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->algorithm(), Algorithm::ps256);
    EXPECT_TRUE(key->verify("text", key->sign("text")));
    for (const auto* const missing : {"n", "e", "p", "q", "dp", "dq", "qi"}) {
        EXPECT_THAT(problem(rsa_jwk(*pkey, missing)), HasSubstr("a member is missing")) << missing;
    }
    EXPECT_THAT(problem(rsa_jwk(*pkey, "d")), HasSubstr("no private half"));
    const Made other(EVP_RSA_gen(2048));
    auto mixed = rsa_jwk(*pkey, "n");
    const auto whole = rsa_jwk(*other);
    const auto modulus = whole.substr(12, whole.find(",\"e\"") - 12);
    mixed.insert(12, modulus);
    EXPECT_THAT(problem(mixed), HasSubstr("do not belong together"));
}

TEST(ReadForeignKeys, SaysWhatIsThereInsteadOfAGoodKey)
{
    const Made small(EVP_RSA_gen(1024));
    const Made bitcoin(EVP_EC_gen("secp256k1"));
    const Made exchange(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    const Made good(EVP_EC_gen("P-256"));
    const std::string jwk = es256_jwk;
    const std::string okp = ed25519_jwk;

    const struct {
        const char* name;
        std::string text;
        const char* said;
    } cases[] = {
        {"nothing", "", "no private key"},
        {"a word", "hunter2", "no private key"},
        {"too small", pem_of(small.get()), "fewer than 2048 bits"},
        {"another curve", pem_of(bitcoin.get()), "on the curve secp256k1"},
        {"not for signing", pem_of(exchange.get()), "signs no tokens"},
        {"public", public_pem_of(good.get()), "the private key is needed"},
        {"encrypted", pem_of(good.get(), EVP_aes_128_cbc()), "is encrypted"},
        {"a certificate", "-----BEGIN CERTIFICATE-----\n", "the private key that belongs"},
        {"cut off", pem_of(good.get()).substr(0, 80), "no private key"},
        {"no JSON", "{", "not JSON"},
        {"a public JWK", jwk.substr(0, jwk.find(R"(,"d")")) + "}", "no private half"},
        {"for encryption", jwk + R"(,"use":"enc"})", "not for signing"},
        {"to verify only", jwk + R"(,"key_ops":["verify"]})", "not for signing"},
        {"another algorithm", jwk + R"(,"alg":"ES512"})", "that is not supported"},
        {"symmetric by its name", jwk + R"(,"alg":"HS256"})", "that is not supported"},
        {"an algorithm of others", jwk + R"(,"alg":"RS256"})", "no valid private key for RS256"},
        {"symmetric", R"({"kty":"oct","k":"AAAA"})", "symmetric key"},
        {"a curve of others", R"({"kty":"EC","crv":"P-521","d":"AA"})", "another type"},
        {"two keys", R"({"keys":[)" + jwk + "}," + okp + "}]}", "exactly one key"},
        {"no key", R"({"keys":[]})", "exactly one key"},
        {"a broken keys file", R"({"version":1,"access":[]})", "exactly one active key"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_THAT(problem(c.text), HasSubstr(c.said));
    }
}

TEST(ReadForeignKeys, RefusesHalvesOfTwoKeys)
{
    std::string wrong_ec = std::string(es256_jwk) + "}";
    wrong_ec.replace(wrong_ec.find("jpsQ"), 4, "jpsR");
    EXPECT_THAT(problem(wrong_ec), HasSubstr("do not belong together"));
    std::string wrong_okp = std::string(ed25519_jwk) + "}";
    wrong_okp.replace(wrong_okp.find("nWGx"), 4, "nWGy");
    EXPECT_THAT(problem(wrong_okp), HasSubstr("do not belong together"));

    // SEC 1 PEM writes both halves down.
    constexpr auto mixed = "-----BEGIN EC PRIVATE KEY-----\n"
                           "MHcCAQEEIKzWJSj5MokK0+asNVk+UnmzvzDyK+1//Ajfg7pkcpxCoAoGCCqGSM49\n"
                           "AwEHoUQDQgAEMOz9SSKoARtptaTnYG95nseAGM+s9/ULvVAeKEUQNb1CXRuUVet5\n"
                           "y+GtOVCvj5cBoFAN+iL27L6H8zvlDdhMsQ==\n"
                           "-----END EC PRIVATE KEY-----\n";
    EXPECT_THAT(problem(mixed), HasSubstr("do not belong together"));
}

[[nodiscard]] std::vector<std::string> kids(const std::vector<RingKey>& keys, KeyState state)
{
    std::vector<std::string> found;
    for (const auto& key : keys) {
        if (key.state == state) found.push_back(key.key->kid());
    }
    return found;
}

[[nodiscard]] KeySet one(Algorithm algorithm = Algorithm::es256)
{
    KeySet keys;
    keys.access.push_back({jose::Key::generate(algorithm), KeyState::active, noon, {}, noon});
    return keys;
}

[[nodiscard]] KeySet must(Result<KeySet, KeyError> keys)
{
    if (!keys) throw std::runtime_error(keys.error().message);
    return *std::move(keys);
}

TEST(WithForeignKeys, PutsAKeyInTheNextPlaceAndThenItsTurnComes)
{
    const auto ours = first_keys(shared, noon - 24h);
    const auto foreign = one();
    const auto kid = foreign.access.front().key->kid();
    auto keys = must(with_foreign_keys(ours, foreign, ImportAs::next, shared, noon));
    EXPECT_THAT(kids(keys.access, KeyState::next), ElementsAre(kid));
    EXPECT_EQ(kids(keys.access, KeyState::active), kids(ours.access, KeyState::active));
    EXPECT_TRUE(same_ring({ours.refresh, ours.refresh}, {keys.refresh, keys.refresh}));
    EXPECT_FALSE(take_key_step(keys, shared, noon + 1h)) << "nobody asked";
    keys.rotation_wanted = true;
    EXPECT_FALSE(take_key_step(keys, shared, noon + 59s)) << "nobody can know it yet";
    EXPECT_TRUE(take_key_step(keys, shared, noon + 60s));
    EXPECT_THAT(kids(keys.access, KeyState::active), ElementsAre(kid));
}

TEST(WithForeignKeys, SignsWhenEverybodyKnowsIt)
{
    const auto ours = first_keys(shared, noon - 24h);
    const auto foreign = one();
    auto keys = must(with_foreign_keys(ours, foreign, ImportAs::active, shared, noon));
    EXPECT_TRUE(keys.rotation_wanted);
    EXPECT_EQ(rotation_due(keys, shared), noon + 60s);
    EXPECT_EQ(kids(keys.access, KeyState::active), kids(ours.access, KeyState::active));
    EXPECT_TRUE(take_key_step(keys, shared, noon + 60s));
    EXPECT_EQ(kids(keys.access, KeyState::active), kids(foreign.access, KeyState::active));
    EXPECT_EQ(kids(keys.access, KeyState::retired), kids(ours.access, KeyState::active));

    auto alone = shared;
    alone.publish_ahead = {};
    keys = must(with_foreign_keys(ours, foreign, ImportAs::active, alone, noon));
    EXPECT_FALSE(keys.rotation_wanted) << "it is done";
    EXPECT_EQ(kids(keys.access, KeyState::active), kids(foreign.access, KeyState::active));
}

TEST(WithForeignKeys, MakesTheFirstRingOfWhatAnotherGatewayHad)
{
    auto theirs = first_keys(shared, noon - 90 * 24h);
    theirs.rotation_wanted = true;
    ASSERT_TRUE(take_key_step(theirs, shared, noon - 30min));
    const auto keys = must(with_foreign_keys({}, theirs, ImportAs::active, shared, noon));
    EXPECT_TRUE(same_ring(keys, theirs));
    const auto single = must(with_foreign_keys({}, one(), ImportAs::active, shared, noon));
    EXPECT_EQ(single.refresh.size(), 2U);
    EXPECT_EQ(single.access.size(), 2U) << "and the next one";
    EXPECT_EQ(kids(must(with_foreign_keys({}, theirs, ImportAs::next, shared, noon)).access,
                   KeyState::next),
              kids(theirs.access, KeyState::active));
}

TEST(WithForeignKeys, VerifiesWhatAnotherGatewayHadSigned)
{
    const auto ours = first_keys(shared, noon - 24h);
    auto theirs = first_keys(shared, noon - 90 * 24h);
    theirs.rotation_wanted = true;
    ASSERT_TRUE(take_key_step(theirs, shared, noon - 30min));
    const auto keys = must(with_foreign_keys(ours, theirs, ImportAs::next, shared, noon));
    const KeyRing ring(keys.access, keys.refresh, 1);
    for (const auto& list : {theirs.access, theirs.refresh}) {
        for (const auto& key : list) {
            if (key.state == KeyState::next) continue; // it has signed nothing
            const auto kid = key.key->kid();
            EXPECT_TRUE(ring.access_verifier(kid, noon) || ring.refresh_verifier(kid, noon));
        }
    }
    const auto retired = kids(theirs.access, KeyState::retired).front();
    EXPECT_TRUE(ring.access_verifier(retired, noon + 29min));
    EXPECT_FALSE(ring.access_verifier(retired, noon + 31min)) << "no longer than there";
}

TEST(WithForeignKeys, RefusesAnotherAlgorithmAndAKeyThatIsHere)
{
    const auto ours = first_keys(shared, noon);
    const auto other = with_foreign_keys(ours, one(Algorithm::eddsa), ImportAs::next, shared, noon);
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message,
                HasSubstr("the key is for EdDSA, and tokens.algorithm is ES256"));
    const auto again = with_foreign_keys(ours, ours, ImportAs::active, shared, noon);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr("is here already, as active"));
}

TEST(KeyKeeper, TakesForeignKeysIntoAPlaceAndNoneIntoOneOfOthers)
{
    const StoppedClock clock;
    config::TokenSettings settings;
    const TemporaryFolder folder;
    const auto path = folder / "keys.json";
    KeyFile file(path);
    const auto foreign = one();
    const auto taken = KeyKeeper::take_over(settings, file, foreign, ImportAs::active, clock);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_FALSE(taken->later);
    const auto keeper = KeyKeeper::open(settings, path, clock);
    ASSERT_TRUE(keeper);
    EXPECT_EQ((*keeper)->ring()->access_signer().kid(), foreign.access.front().key->kid());
    EXPECT_FALSE((*keeper)->rotation_pending());
    const auto twice = KeyKeeper::take_over(settings, file, foreign, ImportAs::next, clock);
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().message, HasSubstr("here already"));
}

} // namespace
} // namespace gatehouse::auth
