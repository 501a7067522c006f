#include "gateway/command/check_upstreams.hpp"

#include "gateway/command/tcp_dial.hpp"
#include "gateway/net/dns.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/net/tls/tls_context.hpp"
#include "gateway/net/unix_socket.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <system_error>

namespace gatehouse::gateway {
namespace {

std::string try_socket(const std::string& path, std::chrono::milliseconds deadline)
{
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return std::generic_category().message(errno);
    if (!S_ISSOCK(found.st_mode)) return "is a file and no socket";
    const auto socket = dial_unix(path, deadline);
    return socket ? std::string{} : socket.error().message();
}

/// As it stands in the settings.
std::string url_of(const EndpointTarget& endpoint)
{
    if (!endpoint.socket_path.empty()) return endpoint.authority;
    return (endpoint.secure ? "https://" : "http://") + endpoint.host;
}

/// Shakes hands on a socket whose waits are bounded.
std::string try_tls(const EndpointTarget& endpoint, const FileDescriptor& socket)
{
    const auto ssl =
        endpoint.tls ? open_client(endpoint.tls->context(), endpoint.server_name) : SslPtr();
    if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) return "TLS: it could not be prepared";
    ERR_clear_error();
    if (SSL_connect(ssl.get()) == 1) {
        SSL_shutdown(ssl.get());
        return {};
    }
    const auto verified = SSL_get_verify_result(ssl.get());
    if (ERR_peek_error() == 0) return "TLS: the connection ended during the handshake";
    const auto words = take_openssl_reason();
    if (verified == X509_V_OK || SSL_get_verify_mode(ssl.get()) == SSL_VERIFY_NONE)
        return "TLS: " + words;
    return fmt::format("TLS: {} for {}: {}", words, endpoint.server_name,
                       X509_verify_cert_error_string(verified));
}

} // namespace

std::vector<std::pair<std::string, EndpointTarget>> endpoints_of(const config::Settings& settings)
{
    std::set<std::string> names;
    for (const auto& [name, upstream] : settings.upstreams) names.insert(name);
    for (const auto& route : settings.routes) {
        if (!route.redirect) names.insert(route.to);
    }
    std::vector<std::pair<std::string, EndpointTarget>> all;
    std::set<std::string> known;
    UpstreamTlsBook book;
    for (const auto& name : names) {
        for (auto& endpoint : resolve_target(settings, name, book).endpoints) {
            if (!known.insert(endpoint.pool_key()).second) continue;
            auto url = url_of(endpoint);
            look_up(endpoint);
            all.emplace_back(std::move(url), std::move(endpoint));
        }
    }
    return all;
}

void look_up(EndpointTarget& endpoint)
{
    const auto server = endpoint.look_up.find(' '); // as name_key() writes it
    if (server == std::string::npos) return;
    const auto answer = ask_dns(endpoint.where.host, endpoint.look_up.substr(server + 1));
    if (!answer) return;
    endpoint.where.host = answer->addresses.front();
    endpoint.address = SocketAddress::parse(endpoint.where.host, endpoint.where.port);
}

std::string try_endpoint(const EndpointTarget& endpoint, std::chrono::milliseconds deadline)
{
    if (!endpoint.socket_path.empty()) return try_socket(endpoint.socket_path, deadline);
    const auto socket = dial(endpoint.where.host, endpoint.where.port, deadline);
    if (!socket) return socket.error().message;
    return endpoint.secure ? try_tls(endpoint, *socket) : std::string();
}

} // namespace gatehouse::gateway
