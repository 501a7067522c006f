#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

struct HostPort {
    std::string host; // without the brackets of an IPv6 address
    std::uint16_t port = 0;

    friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// Where to listen: `127.0.0.1:8080`, `[::]:8080` or `localhost:8080`. Port 0 lets the kernel
/// choose. `localhost` comes back as 127.0.0.1, so that the host is always an IP address.
[[nodiscard]] std::optional<HostPort> parse_listen_address(std::string_view text);

/// Where an upstream is: `http://host[:port]` or `https://host[:port]` and nothing more; the port
/// is 80 or 443 unless written.
[[nodiscard]] std::optional<HostPort> parse_endpoint(std::string_view url);

/// Before the path of a unix socket in the URL of an endpoint.
inline constexpr std::string_view unix_scheme = "unix:";
/// What a sockaddr_un has room for, and a zero behind it.
inline constexpr std::size_t longest_socket_path = 107;
/// Before the name of the header of `hash_on`.
inline constexpr std::string_view hash_header_prefix = "header:";
inline constexpr std::string_view https_scheme = "https://";

/// A name or an IP address (without brackets), and nothing more.
[[nodiscard]] bool is_server_name(std::string_view text);

/// Where spans are sent: `http://host[:port][/path]`, or https. No query and no user's part, which
/// could hold a credential: the URL is shown in messages and logs.
[[nodiscard]] bool is_collector_url(std::string_view url);

/// What keeps a text from being the id of a relying party (WebAuthn 3, 5.1.3); "" where nothing
/// does: a domain of small letters with a dot in it, or `localhost`. What stands at the end alone,
/// such as `com`, belongs to nobody, and browsers make no passkeys for it or for an address.
[[nodiscard]] std::string_view domain_problem(std::string_view text);

/// The host of an origin such as `https://login.example.com:8443`.
[[nodiscard]] std::string host_of_origin(std::string_view origin);

[[nodiscard]] bool is_loopback(std::string_view host);

/// An IP network. IPv4 ones are kept as their IPv4-mapped IPv6 form, with 96 added to the length.
struct Network {
    std::array<std::uint8_t, 16> address{};
    unsigned prefix_length = 128;

    friend bool operator==(const Network&, const Network&) = default;
};

/// An address, or an address and a prefix length. Bits behind the prefix must be 0.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

/// Whether this `store` is a PostgreSQL URL.
[[nodiscard]] constexpr bool is_postgres(std::string_view store)
{
    return store.starts_with("postgres://") || store.starts_with("postgresql://");
}

/// Whether a PostgreSQL URL, if it is one, says a password: user:password@, password= or
/// sslpassword=.
[[nodiscard]] bool has_password(std::string_view url);

} // namespace gatehouse::config
