#include "config/forms/redis_address.hpp"

#include "config/basics/enforced.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace gatehouse::config {

namespace {

constexpr std::size_t longest_host = 253; // RFC 1035, 2.3.4
constexpr std::uint32_t most_databases = 65'536;

using Step = Result<void, std::string>;

[[nodiscard]] Step wrong(const char* sentence)
{
    return Step(boost::system::in_place_error, sentence);
}

template <class Number>
[[nodiscard]] std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool plain = error == std::errc() && end == text.data() + text.size();
    return plain && (text.size() == 1 || text.front() != '0') ? std::optional(value) : std::nullopt;
}

[[nodiscard]] std::optional<unsigned> hex_digit(char c)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(&c, &c + 1, value, 16);
    return error == std::errc() && end == &c + 1 ? std::optional(value) : std::nullopt;
}

[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_digit(text[i + 1]);
        const auto low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return out;
}

[[nodiscard]] bool is_printable(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\x7f'; });
}

[[nodiscard]] bool is_host_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_host && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    });
}

[[nodiscard]] Step read_user(RedisAddress& address, std::string_view text)
{
    if (enforced("redis_address.no_password") && text.find(':') != text.npos) {
        return wrong("has a password in it; write it into a file of its own");
    }
    const auto user = percent_decoded(text);
    if (!user || user->empty() || !is_printable(*user)) {
        return wrong("has a bad user name; write what is special in it as %XX");
    }
    address.user = *user;
    return {};
}

[[nodiscard]] Step read_host(RedisAddress& address, std::string_view text)
{
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == text.npos) return wrong("has a '[' without a ']'");
        address.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        in6_addr ignored{};
        if (::inet_pton(AF_INET6, address.host.c_str(), &ignored) != 1) {
            return wrong("has something in brackets that is no IPv6 address");
        }
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        address.host = text.substr(0, colon);
        port = text.substr(colon);
        if (!is_host_name(address.host)) return wrong("has no host, or a bad one");
    }
    if (port.empty()) return {};
    const auto value = number<std::uint16_t>(port.substr(1));
    if (!port.starts_with(':') || !value || *value == 0) {
        return wrong("has a bad port; it is 1 to 65535");
    }
    address.port = *value;
    return {};
}

[[nodiscard]] Step read_database(RedisAddress& address, std::string_view text)
{
    if (text.empty()) return {};
    const auto value = number<std::uint32_t>(text);
    if (!value || *value >= most_databases) return wrong("has a bad database; it is a number");
    address.database = *value;
    return {};
}

[[nodiscard]] Step read(RedisAddress& address, std::string_view text)
{
    if (text.find_first_of("?#") != text.npos) return wrong("takes no parameters");
    const auto slash = std::min(text.find('/'), text.size());
    auto authority = text.substr(0, slash);
    if (const auto at = authority.rfind('@'); at != authority.npos) {
        if (authority.find('@') != at) return wrong("has more than one @");
        if (auto user = read_user(address, authority.substr(0, at)); !user) return user;
        authority.remove_prefix(at + 1);
    }
    if (auto host = read_host(address, authority); !host) return host;
    return read_database(address, slash < text.size() ? text.substr(slash + 1) : "");
}

} // namespace

std::string RedisAddress::shown() const
{
    const bool brackets = host.find(':') != std::string::npos;
    return (tls ? "rediss://" : "redis://") + (brackets ? "[" + host + "]" : host) + ":" +
           std::to_string(port) + "/" + std::to_string(database);
}

bool may_hold_password(std::string_view url)
{
    const auto scheme = url.find("://");
    const auto rest = scheme == url.npos ? url : url.substr(scheme + 3);
    const auto at = rest.rfind('@');
    const bool in_user = at != rest.npos && rest.find(':') < at;
    return in_user || rest.find_first_of("?#") != rest.npos;
}

Result<RedisAddress, std::string> parse_redis_address(std::string_view url)
{
    using Parsed = Result<RedisAddress, std::string>;
    RedisAddress address;
    const auto scheme = url.substr(0, url.find("://"));
    address.tls = scheme == "rediss";
    if (scheme.size() == url.size() || (scheme != "redis" && !address.tls)) {
        return Parsed(boost::system::in_place_error,
                      "is no address of a Redis; write redis://host:6379/0");
    }
    const auto done = read(address, url.substr(scheme.size() + 3));
    if (!done) return Parsed(boost::system::in_place_error, done.error());
    return address;
}

} // namespace gatehouse::config
