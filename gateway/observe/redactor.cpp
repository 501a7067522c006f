#include "gateway/observe/redactor.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/hex.hpp"

#include <sodium.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view hidden = "***";

/// Appends what `write` appends of the value, cut where it is long.
template <class Write>
void append_cut(std::string& out, std::string_view value, Write write)
{
    const auto front = cut(value);
    write(front);
    if (front.size() != value.size()) out += "...";
}

template <class Mask>
void append_as(std::string& out, std::string_view value, config::TextRedaction how, Mask mask)
{
    switch (how) {
    case config::TextRedaction::mask:
        return append_cut(out, value, mask);
    case config::TextRedaction::hash:
        return append_hash(out, value);
    case config::TextRedaction::drop:
        return;
    }
}

template <class Mask>
void append_as(std::string& out, std::string_view value, config::Redaction how, Mask mask)
{
    if (value.empty()) return;
    switch (enforced("log.redacted") ? how : config::Redaction::keep) {
    case config::Redaction::keep:
        out += value;
        return;
    case config::Redaction::mask:
        return mask();
    case config::Redaction::hash:
        return append_hash(out, value);
    case config::Redaction::drop:
        return;
    }
}

bool is_kept(const config::RedactSettings& settings) noexcept
{
    const auto keep = config::Redaction::keep;
    return settings.client == keep && settings.user_id == keep && settings.host == keep &&
           settings.path == config::TextRedaction::mask;
}

using HashKey = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

const HashKey& hash_key()
{
    static const HashKey key = [] {
        HashKey fresh{};
        crypto_shorthash_keygen(fresh.data());
        return fresh;
    }();
    return key;
}

} // namespace

Redactor::Redactor(const config::LogSettings& settings)
    : settings_(settings.redact),
      mask_(settings.mask),
      keeps_people_(is_kept(settings_))
{
}

void Redactor::append_client(std::string& out, std::string_view address) const
{
    append_as(out, address, settings_.client, [&] { append_network(out, address); });
}

void Redactor::append_user_id(std::string& out, std::string_view id) const
{
    append_as(out, id, settings_.user_id, [&] { out += hidden; });
}

void Redactor::append_host(std::string& out, std::string_view host) const
{
    if (settings_.host == config::Redaction::keep) return append_text(out, host);
    append_as(out, host, settings_.host, [&] { out += hidden; });
}

void Redactor::append_path(std::string& out, std::string_view path) const
{
    append_as(out, path, settings_.path, [&](auto text) { mask_.append_path(out, text); });
}

void Redactor::append_query(std::string& out, std::string_view query) const
{
    append_as(out, query, settings_.query, [&](auto text) { mask_.append_query(out, text); });
}

void Redactor::append_referer(std::string& out, std::string_view url) const
{
    append_as(out, url, settings_.referer, [&](auto text) { mask_.append_url(out, text); });
}

void Redactor::append_user_agent(std::string& out, std::string_view text) const
{
    append_as(out, text, settings_.user_agent, [&](auto front) { mask_.append_text(out, front); });
}

void Redactor::append_text(std::string& out, std::string_view text) const
{
    append_cut(out, text, [&](auto front) { mask_.append_text(out, front); });
}

void append_hash(std::string& out, std::string_view value)
{
    if (value.empty()) return;
    std::array<unsigned char, crypto_shorthash_BYTES> hash{};
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    crypto_shorthash(hash.data(), bytes, value.size(), hash_key().data());
    for (const auto byte : hash) out.append(hex_pairs[byte].data(), 2);
}

void append_network(std::string& out, std::string_view address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    address = address.substr(0, address.find('%')); // a zone is a name of this machine's
    std::copy_n(address.data(), std::min(address.size(), text.size() - 1), text.data());
    const bool v4 = inet_pton(AF_INET, text.data(), bytes.data()) == 1;
    if (!v4 && inet_pton(AF_INET6, text.data(), bytes.data()) != 1) {
        out += hidden;
        return;
    }
    constexpr std::size_t kept_of_v4 = 3;
    constexpr std::size_t kept_of_v6 = 6;
    std::fill(bytes.begin() + (v4 ? kept_of_v4 : kept_of_v6), bytes.end(), std::uint8_t{0});
    out += inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
}

std::string_view cut(std::string_view text) noexcept
{
    if (!enforced("log.cut") || text.size() <= longest_logged_value) return text;
    auto end = longest_logged_value;
    // Not inside a character of UTF-8: its later bytes are 10xxxxxx.
    while (end > longest_logged_value - 3 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80)
        --end;
    return text.substr(0, end);
}

} // namespace gatehouse::gateway
