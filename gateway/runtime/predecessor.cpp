#include "gateway/runtime/predecessor.hpp"

#include "auth/json/reader.hpp"
#include "gateway/net/passed_sockets.hpp"
#include "gateway/net/unix_socket.hpp"
#include "gateway/runtime/hand_over.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// A gateway that lives answers within milliseconds.
constexpr auto patience = 10s;

constexpr std::string_view request = "POST /admin/v1/hand-over HTTP/1.1\r\n"
                                     "Host: localhost\r\n"
                                     "Connection: close\r\n"
                                     "Content-Length: 0\r\n\r\n";

/// What has to be different in the settings; empty: nothing.
std::string obstacle_in(const config::Settings& settings)
{
    if (settings.admin_api.socket.empty()) {
        return "--take-over asks the running gateway on its unix socket, and there is none in the "
               "settings\n  hint: write admin_api: {socket: gatehouse.sock}, and restart once";
    }
    if (settings.store == "memory") {
        return "--take-over would lose everything in a store in memory\n  hint: write store: "
               "sqlite:gatehouse.db";
    }
    return {};
}

bool nobody_answers(const std::error_code& why) noexcept
{
    return why == std::errc::no_such_file_or_directory || why == std::errc::connection_refused;
}

/// Everything until it closes. False: it does not answer.
bool exchange(const FileDescriptor& socket, Passed& answer)
{
    if (!pass(socket.get(), request, {})) return false;
    auto state = Reading::more;
    while (state == Reading::more) state = read_passed(socket.get(), answer);
    return state == Reading::ended;
}

/// Behind the heads that came with sockets. The view is of `text`.
std::string_view final_answer(std::string_view text)
{
    while (text.starts_with(hand_over_interim)) text.remove_prefix(hand_over_interim.size());
    return text;
}

std::string refusal_in(std::string_view answer, const std::string& path)
{
    const auto body = answer.find("\r\n\r\n");
    const auto json = auth::json::read(body == answer.npos ? "" : answer.substr(body + 4));
    const auto* error = json ? json->find("error") : nullptr;
    const auto* message = error == nullptr ? nullptr : error->find_string("message");
    if (message != nullptr) return fmt::format("the gateway at {} refuses: {}", path, *message);
    return fmt::format("the gateway at {} knows no hand-over: it is another version", path);
}

bool is_unix(int socket) noexcept
{
    int domain = 0;
    socklen_t size = sizeof domain;
    return ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

} // namespace

Result<std::optional<Predecessor>, std::string> Predecessor::ask(const config::Settings& settings)
{
    if (auto obstacle = obstacle_in(settings); !obstacle.empty()) return obstacle;
    const auto& path = settings.admin_api.socket;
    const auto socket = dial_unix(path, patience);
    if (!socket && nobody_answers(socket.error())) return std::optional<Predecessor>();
    if (!socket) return fmt::format("{}: {}", path, socket.error().message());
    Passed passed;
    if (!exchange(*socket, passed)) {
        return fmt::format("the gateway at {} does not answer", path);
    }
    const auto answer = final_answer(passed.text);
    if (!answer.starts_with("HTTP/1.1 200 ")) return refusal_in(answer, path);
    const auto json = auth::json::read(answer.substr(std::min(answer.find("{"), answer.size())));
    const auto* pid = json ? json->find("pid") : nullptr;
    const auto* count = json ? json->find("sockets") : nullptr;
    const bool whole = passed.complete && pid != nullptr && count != nullptr && count->integer() &&
                       passed.descriptors.size() == 1 + static_cast<std::size_t>(*count->integer());
    if (!whole) {
        return fmt::format("not all sockets of the gateway at {} have arrived\n  hint: raise the "
                           "limit of open files (ulimit -n)",
                           path);
    }
    Predecessor found;
    found.pid_ = pid->integer().value_or(0);
    found.line_ = std::move(passed.descriptors.front());
    std::vector<FileDescriptor> tcp;
    for (auto each = passed.descriptors.begin() + 1; each != passed.descriptors.end(); ++each) {
        if (is_unix(each->get()))
            found.admin_socket_ = std::move(*each);
        else
            tcp.push_back(std::move(*each));
    }
    auto sockets = GivenSockets::from(std::move(tcp), GivenSockets::Unwanted::dropped);
    if (!sockets) return sockets.error();
    found.sockets_ = *std::move(sockets);
    return std::optional<Predecessor>(std::move(found));
}

bool Predecessor::dismiss() noexcept
{
    return ::send(line_.get(), &hand_over_ready, 1, MSG_NOSIGNAL) == 1;
}

} // namespace gatehouse::gateway
