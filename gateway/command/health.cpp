#include "gateway/command/health.hpp"

#include "config/forms/address.hpp"
#include "gateway/command/tcp_dial.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// An address that means "every address of this machine" is reached over loopback.
std::string reachable(const std::string& host)
{
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

/// Everything until the other side closes, at most 64 KiB.
std::string ask(const FileDescriptor& socket, const std::string& request)
{
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
    std::string answer;
    char block[4096];
    while (answer.size() < 64 * 1024) {
        const auto got = ::recv(socket.get(), block, sizeof block, 0);
        if (got <= 0) break;
        answer.append(block, static_cast<std::size_t>(got));
    }
    return answer;
}

} // namespace

int run_health(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    const auto address = config::parse_listen_address(settings.admin);
    if (!address) {
        console.err << "the admin address is off\n  hint: write admin: 127.0.0.1:9901\n";
        return exit_usage;
    }
    const auto socket = dial(reachable(address->host), address->port, 5s);
    if (!socket) {
        console.err << fmt::format("{}: {}\n", settings.admin, socket.error().message);
        return exit_failed;
    }
    const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                                     arguments.ready ? "/readyz" : "/healthz", settings.admin);
    const auto answer = ask(*socket, request);
    const auto body = answer.find("\r\n\r\n");
    if (body == std::string::npos) {
        console.err << fmt::format("{}: no answer\n", settings.admin);
        return exit_failed;
    }
    console.out << printable(answer.substr(body + 4)) << "\n";
    return answer.starts_with("HTTP/1.1 200 ") ? exit_ok : exit_failed;
}

} // namespace gatehouse::gateway
