#include "config/forms/address.hpp"

#include "config/scalars/scalars.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace gatehouse::config {
namespace {

using Bytes16 = std::array<std::uint8_t, 16>;

std::optional<Bytes16> parse_ipv6(std::string_view text)
{
    Bytes16 bytes{};
    if (::inet_pton(AF_INET6, std::string{text}.c_str(), bytes.data()) != 1) return {};
    return bytes;
}

std::optional<Bytes16> parse_ipv4_mapped(std::string_view text)
{
    Bytes16 bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (::inet_pton(AF_INET, std::string{text}.c_str(), bytes.data() + 12) != 1) return {};
    return bytes;
}

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    const auto number = parse_count(text);
    if (!number || *number > 65535) return {};
    return static_cast<std::uint16_t>(*number);
}

/// `host:port` or `[v6]:port`. The host is not judged yet.
std::optional<HostPort> split(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == text.npos) return {};
    auto host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (bracketed != (host.find(':') != host.npos)) return {};
    const auto port = parse_port(text.substr(colon + 1));
    if (!port || host.empty()) return {};
    return HostPort{std::string{host}, *port};
}

bool is_name(std::string_view host)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    };
    return !host.empty() && host.size() <= 253 && host.front() != '.' &&
           host.find("..") == host.npos && std::ranges::all_of(host, fits);
}

/// A name of digits and dots alone would be somebody's idea of an IPv4 address.
bool looks_like_ipv4(std::string_view host)
{
    return host.find_first_not_of("0123456789.") == host.npos;
}

} // namespace

std::optional<HostPort> parse_listen_address(std::string_view text)
{
    auto address = split(text);
    if (!address) return {};
    if (address->host == "localhost") address->host = "127.0.0.1";
    if (!parse_ipv4_mapped(address->host) && !parse_ipv6(address->host)) return {};
    return address;
}

std::optional<HostPort> parse_endpoint(std::string_view url)
{
    constexpr std::string_view http_scheme = "http://";
    const bool tls = url.starts_with(https_scheme);
    if (!tls && !url.starts_with(http_scheme)) return {};
    const std::string authority{url.substr(tls ? https_scheme.size() : http_scheme.size())};
    const bool has_port = authority.rfind(':') != authority.npos && !authority.ends_with(']');
    auto endpoint = split(has_port ? authority : authority + (tls ? ":443" : ":80"));
    if (!endpoint || endpoint->port == 0 || !is_server_name(endpoint->host)) return {};
    return endpoint;
}

bool is_server_name(std::string_view text)
{
    if (parse_ipv6(text) || parse_ipv4_mapped(text)) return true;
    return !looks_like_ipv4(text) && is_name(text);
}

bool is_collector_url(std::string_view url)
{
    const bool tls = url.starts_with("https://");
    if (!tls && !url.starts_with("http://")) return false;
    const auto rest = url.substr(tls ? 8 : 7);
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto path = rest.substr(slash);
    const bool plain = std::ranges::all_of(path, [](char c) {
        constexpr std::string_view marks = "/-._~%";
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != marks.npos;
    });
    return plain && parse_endpoint("http://" + std::string{rest.substr(0, slash)}).has_value();
}

std::string_view domain_problem(std::string_view text)
{
    constexpr std::size_t longest_label = 63;
    constexpr std::string_view scheme_mark = "://";
    if (text.find(scheme_mark) != text.npos) return "is an origin and no domain";
    if (parse_ipv6(text) || (!text.empty() && looks_like_ipv4(text))) {
        return "is an address, and browsers make no passkeys for one";
    }
    const bool known = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!known || !is_name(text) || text.ends_with('.')) return "is not a domain";
    if (text == "localhost") return "";
    if (text.find('.') == text.npos) return "is the end of a domain, which belongs to nobody";
    for (auto rest = text; !rest.empty();) {
        const auto label = rest.substr(0, rest.find('.'));
        rest.remove_prefix(std::min(label.size() + 1, rest.size()));
        if (label.size() > longest_label || label.starts_with('-') || label.ends_with('-')) {
            return "is not a domain";
        }
    }
    return "";
}

std::string host_of_origin(std::string_view origin)
{
    const auto scheme = origin.find("://");
    if (scheme == origin.npos) return "";
    const auto parsed = parse_endpoint("http://" + std::string(origin.substr(scheme + 3)));
    return parsed ? parsed->host : "";
}

bool is_loopback(std::string_view host)
{
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && parse_ipv4_mapped(host).has_value());
}

std::optional<Network> parse_network(std::string_view text)
{
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    const auto v4 = parse_ipv4_mapped(address);
    const auto bytes = v4 ? v4 : parse_ipv6(address);
    if (!bytes) return {};
    Network network{*bytes, 128};
    if (slash != text.npos) {
        const auto length = parse_count(text.substr(slash + 1));
        if (!length || *length > (v4 ? 32U : 128U)) return {};
        network.prefix_length = static_cast<unsigned>(*length) + (v4 ? 96U : 0U);
    }
    for (unsigned bit = network.prefix_length; bit < 128; ++bit) {
        if ((network.address[bit / 8] >> (7 - bit % 8) & 1U) != 0) return {};
    }
    return network;
}

bool has_password(std::string_view url)
{
    if (!is_postgres(url)) return false;
    const auto mark = std::min(url.find('?'), url.size());
    const auto query = url.substr(mark);
    for (const std::string_view word :
         {"?password=", "&password=", "?sslpassword=", "&sslpassword="}) {
        if (query.find(word) != query.npos) return true;
    }
    auto authority = url.substr(url.find("://") + 3);
    authority = authority.substr(0, authority.find_first_of("/?"));
    const auto user =
        authority.substr(0, authority.find('@') == authority.npos ? 0 : authority.find('@'));
    return user.find(':') != user.npos;
}

} // namespace gatehouse::config
