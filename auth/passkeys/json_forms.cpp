#include "auth/passkeys/json_forms.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/json/writer.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::auth::passkeys {
namespace {

using json::Value;
using json::Writer;

constexpr std::size_t longest_id_bytes = 1023; // WebAuthn 3, 6.1

/// A member in base64url, which is how JSON has bytes.
std::optional<std::string> bytes_member(const Value& object, std::string_view name)
{
    const auto* text = object.find_string(name);
    return text == nullptr ? std::nullopt : jose::decode_base64url(*text);
}

/// The id, which stands there twice.
std::optional<std::string> read_id(const Value& json)
{
    const auto* type = json.find_string("type");
    const auto* id = json.find_string("id");
    const auto* raw_id = json.find_string("rawId");
    if (type == nullptr || *type != "public-key") return std::nullopt;
    if (id == nullptr || raw_id == nullptr || *id != *raw_id) return std::nullopt;
    auto bytes = jose::decode_base64url(*id);
    if (!bytes || bytes->empty() || bytes->size() > longest_id_bytes) return std::nullopt;
    return bytes;
}

std::vector<std::string> read_transports(const Value& response)
{
    constexpr auto known = std::to_array<std::string_view>(
        {"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"});
    std::vector<std::string> transports;
    const auto* member = response.find("transports");
    const auto* list = member == nullptr ? nullptr : member->array();
    if (list == nullptr) return transports;
    for (const auto word : known) {
        const bool said = std::ranges::any_of(*list, [word](const Value& each) {
            return each.string() != nullptr && *each.string() == word;
        });
        if (said) transports.emplace_back(word);
    }
    return transports;
}

void write_credentials(Writer& json, std::string_view name, std::span<const CredentialName> all)
{
    json.name(name);
    json.begin_array();
    for (const auto& each : all) {
        json.begin_object();
        json.member("id", jose::encode_base64url(each.id));
        json.member("type", "public-key");
        if (!each.transports.empty()) {
            json.name("transports");
            json.begin_array();
            for (const auto& transport : each.transports) json.string(transport);
            json.end_array();
        }
        json.end_object();
    }
    json.end_array();
}

void write_algorithms(Writer& json)
{
    json.name("pubKeyCredParams");
    json.begin_array();
    for (const auto algorithm : offered_algorithms()) {
        json.begin_object();
        json.member("type", "public-key");
        json.member("alg", static_cast<std::int64_t>(algorithm));
        json.end_object();
    }
    json.end_array();
}

} // namespace

const std::vector<CoseAlgorithm>& offered_algorithms()
{
    static const std::vector<CoseAlgorithm> all{CoseAlgorithm::es256, CoseAlgorithm::eddsa,
                                                CoseAlgorithm::rs256};
    return all;
}

std::optional<MadeCredential> read_made_credential(const Value& json)
{
    auto id = read_id(json);
    const auto* response = json.find("response");
    if (!id || response == nullptr) return std::nullopt;
    auto client_data = bytes_member(*response, "clientDataJSON");
    auto attestation = bytes_member(*response, "attestationObject");
    if (!client_data || !attestation) return std::nullopt;
    return MadeCredential{*std::move(id), *std::move(client_data), *std::move(attestation),
                          read_transports(*response)};
}

std::optional<ShownCredential> read_shown_credential(const Value& json)
{
    auto id = read_id(json);
    const auto* response = json.find("response");
    if (!id || response == nullptr) return std::nullopt;
    auto client_data = bytes_member(*response, "clientDataJSON");
    auto data = bytes_member(*response, "authenticatorData");
    auto signature = bytes_member(*response, "signature");
    if (!client_data || !data || !signature) return std::nullopt;
    ShownCredential shown{*std::move(id), *std::move(client_data), *std::move(data),
                          *std::move(signature), std::nullopt};
    const auto* handle = response->find("userHandle");
    if (handle == nullptr || handle->is_null()) return shown;
    shown.user_handle = bytes_member(*response, "userHandle");
    if (!shown.user_handle) return std::nullopt;
    return shown;
}

std::string to_json(const CreationOptions& options)
{
    std::string out;
    Writer json(out);
    json.begin_object();
    json.name("rp");
    json.begin_object();
    json.member("id", options.rp_id);
    json.member("name", options.rp_name);
    json.end_object();
    json.name("user");
    json.begin_object();
    json.member("id", jose::encode_base64url(options.user_handle));
    json.member("name", options.user_name);
    json.member("displayName", options.user_name);
    json.end_object();
    json.member("challenge", jose::encode_base64url(options.challenge));
    write_algorithms(json);
    json.member("timeout", static_cast<std::int64_t>(options.timeout.count()));
    write_credentials(json, "excludeCredentials", options.exclude);
    json.name("authenticatorSelection");
    json.begin_object();
    json.member("residentKey", options.resident_key);
    json.name("requireResidentKey"); // for browsers that know level 1 alone
    json.boolean(options.resident_key == "required");
    json.member("userVerification", options.user_verification);
    json.end_object();
    json.member("attestation", "none");
    json.name("extensions");
    json.begin_object();
    json.name("credProps");
    json.boolean(true);
    json.end_object();
    json.end_object();
    return out;
}

std::string to_json(const RequestOptions& options)
{
    std::string out;
    Writer json(out);
    json.begin_object();
    json.member("rpId", options.rp_id);
    json.member("challenge", jose::encode_base64url(options.challenge));
    json.member("timeout", static_cast<std::int64_t>(options.timeout.count()));
    write_credentials(json, "allowCredentials", options.allow);
    json.member("userVerification", options.user_verification);
    json.end_object();
    return out;
}

} // namespace gatehouse::auth::passkeys
