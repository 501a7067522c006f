#include "gateway/command/admin_client.hpp"

#include "auth/json/reader.hpp"
#include "auth/service/admin_credential.hpp"
#include "config/forms/address.hpp"
#include "gateway/command/tcp_dial.hpp"
#include "gateway/command/words.hpp"
#include "gateway/net/unix_socket.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <charconv>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t longest_answer = 16 * 1024 * 1024;

/// An address that means "every address of this machine" is reached over loopback.
std::string reachable(const std::string& host)
{
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

bool send_all(const FileDescriptor& socket, std::string_view text)
{
    while (!text.empty()) {
        const auto sent = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// Everything until the other side closes.
std::string read_all(const FileDescriptor& socket)
{
    std::string answer;
    char block[16 * 1024];
    while (answer.size() < longest_answer) {
        const auto got = ::recv(socket.get(), block, sizeof block, 0);
        if (got <= 0) break;
        answer.append(block, static_cast<std::size_t>(got));
    }
    return answer;
}

/// What a refusal says, and each field that it blames.
std::string complaint_in(const AdminAnswer& answer)
{
    const auto json = auth::json::read(answer.body);
    const auto* error = json ? json->find("error") : nullptr;
    const auto* message = error == nullptr ? nullptr : error->find_string("message");
    if (message == nullptr) return fmt::format("it answered with status {}", answer.status);
    auto text = printable(*message);
    const auto* fields = error->find("fields");
    if (fields == nullptr || fields->array() == nullptr) return text;
    for (const auto& field : *fields->array()) {
        const auto* name = field.find_string("name");
        const auto* problem = field.find_string("message");
        if (name == nullptr || problem == nullptr) continue;
        text += fmt::format("\n  {}: {}", printable(*name), printable(*problem));
    }
    return text;
}

std::string hint_for(unsigned status)
{
    if (status == 401) {
        return "\n  hint: the token belongs to another gateway; use the configuration that this "
               "one was started with";
    }
    // Probes answer, and the API does not.
    if (status == 404) return "\n  hint: `gatehouse version` shows whether it is another version";
    return "";
}

Result<AdminAnswer, AdminProblem> answer_to(const std::string& request,
                                            const FileDescriptor& socket, const std::string& place)
{
    const auto text = send_all(socket, request) ? read_all(socket) : std::string();
    constexpr std::string_view begin = "HTTP/1.1 ";
    const auto body = text.find("\r\n\r\n");
    AdminAnswer answer;
    const auto* status = text.data() + begin.size();
    if (body == std::string::npos || !text.starts_with(begin) ||
        std::from_chars(status, status + 3, answer.status).ec != std::errc()) {
        return AdminProblem(fmt::format("{}: no answer", place));
    }
    answer.body = text.substr(body + 4);
    return answer;
}

} // namespace

/// A connection, and what is said on it besides the request.
struct AdminClient::Line {
    FileDescriptor socket;
    std::string place;
    std::string host;
    std::string credential; // a field, or nothing
};

Result<AdminAnswer, AdminProblem> AdminClient::call(std::string_view method, std::string_view path,
                                                    std::string_view body) const
{
    const auto line = open(Credential::shown);
    if (!line) return line.error();
    auto request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}",
                               method, path, line->credential);
    if (!body.empty()) request += "Content-Type: application/json\r\n";
    if (method != "GET") request += fmt::format("Content-Length: {}\r\n", body.size());
    request.append("\r\n").append(body);
    auto answer = answer_to(request, line->socket, line->place);
    if (answer && answer->status >= 300) {
        return AdminProblem(fmt::format("the gateway at {} refuses: {}{}", line->place,
                                        complaint_in(*answer), hint_for(answer->status)));
    }
    return answer;
}

Result<AdminAnswer, AdminProblem> AdminClient::look(std::string_view path) const
{
    const auto line = open(Credential::none);
    if (!line) return line.error();
    return answer_to(
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, line->host),
        line->socket, line->place);
}

Result<AdminClient::Line, AdminProblem> AdminClient::open(Credential credential) const
{
    const auto& path = settings_.admin_api.socket;
    if (path.empty()) return open_tcp(credential);
    auto socket = dial_unix(path, patience_);
    if (socket) return Line{*std::move(socket), path, "localhost", {}};
    const auto why = fmt::format("{}: {}", path, socket.error().message());
    if (settings_.admin == "off") {
        return AdminProblem(why + "\n  hint: is the gateway running, with this configuration?");
    }
    auto line = open_tcp(credential);
    if (!line) return AdminProblem(fmt::format("{}\n{}", why, line.error().message));
    return line;
}

Result<AdminClient::Line, AdminProblem> AdminClient::open_tcp(Credential credential) const
{
    Line line;
    line.place = line.host = settings_.admin;
    const auto address = config::parse_listen_address(settings_.admin);
    if (!address) {
        return AdminProblem("the admin address is off\n  hint: write admin: 127.0.0.1:9901, or "
                            "admin_api: {socket: gatehouse.sock}");
    }
    if (credential == Credential::shown) {
        const auto token = auth::AdminCredential::find(settings_.admin_api);
        if (!token) return AdminProblem(token.error().message);
        line.credential = fmt::format("Authorization: Bearer {}\r\n", token->reveal());
    }
    auto socket = dial(reachable(address->host), address->port, patience_);
    if (!socket) {
        return AdminProblem(fmt::format("{}: {}\n  hint: is the gateway running, with this "
                                        "configuration?",
                                        settings_.admin, socket.error().message));
    }
    line.socket = *std::move(socket);
    return line;
}

} // namespace gatehouse::gateway
