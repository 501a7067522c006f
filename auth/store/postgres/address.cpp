#include "auth/store/postgres/address.hpp"

#include <utility>

namespace gatehouse::auth::postgres {

namespace {

constexpr std::string_view writable_server = "target_session_attrs";

constexpr std::pair<std::string_view, std::string_view> defaults[] = {
    {"connect_timeout",     "2"         },
    {writable_server,       "read-write"},
    {"application_name",    "gatehouse" },
    {"keepalives_idle",     "20"        },
    {"keepalives_interval", "10"        },
    {"keepalives_count",    "3"         },
};

[[nodiscard]] std::string percent_encoded(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += '%';
        text += digits[value >> 4U];
        text += digits[value & 15U];
    }
    return text;
}

[[nodiscard]] bool names(std::string_view query, std::string_view keyword)
{
    for (auto at = query.find(keyword); at != std::string_view::npos;
         at = query.find(keyword, at + 1)) {
        const bool begins = at == 0 || query[at - 1] == '&';
        if (begins && query.substr(at + keyword.size()).starts_with('=')) return true;
    }
    return false;
}

} // namespace

Secret address_for(std::string_view url, const Secret& password, bool pooled)
{
    const auto mark = url.find('?');
    const auto query = mark == std::string_view::npos ? std::string_view() : url.substr(mark + 1);
    std::string address(url);
    char separator = '?';
    if (mark != std::string_view::npos) separator = '&';
    if (mark + 1 == url.size() || url.ends_with('&')) separator = '\0';
    const auto add = [&](std::string_view keyword, std::string_view value) {
        if (separator != '\0') address += separator;
        address.append(keyword).append("=").append(value);
        separator = '&';
    };
    for (const auto& [keyword, value] : defaults) {
        if (names(query, keyword) || (pooled && keyword == writable_server)) continue;
        add(keyword, value);
    }
    if (!password.empty()) add("password", percent_encoded(password.reveal()));
    return Secret(std::move(address));
}

} // namespace gatehouse::auth::postgres
