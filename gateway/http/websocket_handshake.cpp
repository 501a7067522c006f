#include "gateway/http/websocket_handshake.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view key_field = "sec-websocket-key";
constexpr std::string_view version_field = "sec-websocket-version";
constexpr std::string_view accept_field = "sec-websocket-accept";
constexpr std::string_view extensions_field = "sec-websocket-extensions";

/// The base64 of 16 bytes, in its one canonical spelling.
bool is_key(std::string_view text) noexcept
{
    constexpr std::size_t letters = 22; // 128 bits by 6, and 4 bits of the last are unused
    constexpr std::string_view last_letters = "AQgw";
    if (text.size() != letters + 2 || !text.ends_with("==")) return false;
    const auto is_letter = [](char c) { return is_alphanumeric(c) || c == '+' || c == '/'; };
    return std::ranges::all_of(text.substr(0, letters), is_letter) &&
           last_letters.find(text[letters - 1]) != std::string_view::npos;
}

bool has_option(std::span<const Field> fields, std::string_view wanted) noexcept
{
    bool found = false;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "connection")) continue;
        for_each_element(field.value, [&](std::string_view option) {
            found = found || equal_ignoring_case(option, wanted);
        });
    }
    return found;
}

/// One Upgrade, to WebSocket and nothing else, and a Connection that says so.
bool switches_to_websocket(std::span<const Field> fields) noexcept
{
    return equal_ignoring_case(only_value(fields, "upgrade"), "websocket") &&
           has_option(fields, "upgrade");
}

template <class Use>
void for_each_extension(std::span<const Field> fields, Use use)
{
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, extensions_field)) continue;
        for_each_element(field.value, [&](std::string_view extension) {
            const auto name = trimmed(extension.substr(0, extension.find(';')));
            if (!name.empty()) use(name);
        });
    }
}

bool offers_extension(const RequestHead& asked, std::string_view wanted)
{
    bool found = false;
    for_each_extension(asked.fields, [&](std::string_view name) {
        found = found || equal_ignoring_case(name, wanted);
    });
    return found;
}

bool offers_protocol(const RequestHead& asked, std::string_view wanted)
{
    bool found = false;
    for_each_offered_protocol(asked.fields,
                              [&](std::string_view name) { found = found || name == wanted; });
    return found;
}

/// Chosen is at most one protocol, and nothing that nobody offered.
bool chooses_what_was_offered(const ResponseHead& answer, const RequestHead& asked)
{
    std::size_t chosen = 0;
    bool offered = true;
    for_each_protocol(answer.fields, [&](std::string_view name) {
        ++chosen;
        offered = offered && offers_protocol(asked, name);
    });
    for_each_extension(answer.fields, [&](std::string_view name) {
        offered = offered && offers_extension(asked, name);
    });
    return chosen <= 1 && offered;
}

} // namespace

bool is_websocket_handshake(const RequestHead& head) noexcept
{
    return head.method == "GET" && head.version == Version::http_1_1 &&
           head.framing.kind == BodyKind::none && switches_to_websocket(head.fields) &&
           is_key(only_value(head.fields, key_field)) &&
           only_value(head.fields, version_field) == "13";
}

std::string websocket_accept(std::string_view key)
{
    constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    const auto text = std::string(key).append(magic);
    std::array<unsigned char, 20> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        return {};
    }
    std::array<unsigned char, 29> base64{}; // 28 letters and the zero that EVP puts behind them
    const auto letters = EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
    return {base64.begin(), base64.begin() + letters};
}

bool answers_websocket_handshake(const ResponseHead& answer, const RequestHead& asked)
{
    const auto accept = only_value(answer.fields, accept_field);
    const auto expected = websocket_accept(only_value(asked.fields, key_field));
    const bool may_switch = answer.version == Version::http_1_1; // RFC 9110, 15.2
    if (enforced("websocket.switch_version") && !may_switch) return false;
    if (enforced("websocket.switch") && !switches_to_websocket(answer.fields)) return false;
    if (enforced("websocket.accept") && (accept.empty() || accept != expected)) return false;
    if (enforced("websocket.offered") && !chooses_what_was_offered(answer, asked)) return false;
    const bool announces_body = std::ranges::any_of(answer.fields, [](const Field& field) {
        return equal_ignoring_case(field.name, "content-length") ||
               equal_ignoring_case(field.name, "transfer-encoding");
    });
    return !(enforced("websocket.bodiless") && announces_body);
}

std::string_view chosen_protocol(const ResponseHead& answer, const RequestHead& asked) noexcept
{
    std::string_view chosen;
    for_each_protocol(answer.fields, [&](std::string_view name) { chosen = name; });
    if (!chosen.empty()) return chosen;
    for_each_protocol(asked.fields, [&](std::string_view name) {
        if (name == bearer_protocol) chosen = bearer_protocol;
    });
    return chosen;
}

} // namespace gatehouse::gateway
