// Whatever an authenticator or a browser sends: readers end, and agree with themselves. The first
// byte says how the rest is meant, the second where it is cut in two.
#include "auth/passkeys/attestation_certificate.hpp"
#include "auth/passkeys/authenticator_data.hpp"
#include "auth/passkeys/cbor.hpp"
#include "auth/passkeys/ceremony.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <string>

namespace {

using namespace gatehouse::auth::passkeys;

const Expected& expected()
{
    static const Expected expected = [] {
        Expected made;
        made.challenge = "challenge";
        made.rp_id = "example.com";
        made.origins = {"https://example.com"};
        return made;
    }();
    return expected;
}

constexpr std::string_view client_data =
    R"({"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://example.com"})";

void read_item(std::string_view bytes)
{
    auto rest = bytes;
    const auto item = take_cbor(rest);
    if (!item) return must(rest.size() == bytes.size(), "what is refused is not taken");
    must(rest.size() < bytes.size(), "an item has bytes");
    const auto again = read_cbor(bytes.substr(0, bytes.size() - rest.size()));
    must(again.has_value() && *again == *item, "an item is the same alone");
}

void read_data(std::string_view bytes)
{
    const auto data = read_authenticator_data(bytes);
    if (!data) return;
    must(!data->backed_up || data->backup_eligible, "only what can be is backed up");
    if (!data->credential) return;
    must(!data->credential->id.empty() && data->credential->id.size() <= 1023, "ids have a size");
    must(read_cbor(data->credential->cose_key).has_value(), "a key is one item");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto cut = bytes.size() * data[1] / 256;
    const auto front = std::string_view(bytes).substr(0, cut);
    const auto back = std::string_view(bytes).substr(cut);
    switch (data[0] % 6) {
    case 0:
        read_item(bytes);
        break;
    case 1:
        read_data(bytes);
        break;
    case 2:
        (void)read_cose_key(bytes);
        break;
    case 3:
        (void)judge_registration({client_data, bytes}, expected(), {CoseAlgorithm::es256});
        (void)judge_registration({front, back}, expected(), {CoseAlgorithm::es256});
        break;
    case 4:
        must(!judge_assertion({client_data, front, back, {}}, expected(), {bytes, "u", 0, false}),
             "nothing is signed");
        break;
    default:
        (void)AttestationCertificate::read(bytes);
    }
    return 0;
}
