#include "gateway/service/notify_socket.hpp"

#include <fmt/format.h>

#include <sys/time.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace gatehouse::gateway {
namespace {

// systemd drops what is longer than 4 KiB; people read one line.
constexpr std::size_t longest_status_bytes = 1000;

// The queue of a manager that is busy empties in milliseconds, one that hangs must not hang us.
constexpr timeval longest_wait{2, 0};

bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Not within a character of UTF-8.
std::size_t cut_before(std::string_view text, std::size_t most) noexcept
{
    if (text.size() <= most) return text.size();
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80) --most;
    return most;
}

} // namespace

Result<NotifySocket, std::string> NotifySocket::open(std::string_view address)
{
    NotifySocket opened;
    auto& where = opened.address_;
    const bool is_path = address.starts_with('/');
    const bool is_abstract = address.starts_with('@');
    // A path ends with a zero byte, an abstract name with its length.
    const auto longest = sizeof where.sun_path - (is_path ? 1 : 0);
    if ((!is_path && !is_abstract) || address.size() < 2 || address.size() > longest) {
        return fmt::format("NOTIFY_SOCKET is \"{}\", which is neither the path of a socket nor the "
                           "name of an abstract one: no service manager is told anything",
                           address);
    }
    where.sun_family = AF_UNIX;
    std::memcpy(where.sun_path, address.data(), address.size());
    if (is_abstract) where.sun_path[0] = '\0';
    opened.address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() +
                                                  (is_path ? 1 : 0));
    opened.socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int fd = opened.socket_.get();
    if (fd < 0 ||
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &longest_wait, sizeof longest_wait) != 0) {
        return fmt::format("no socket to tell the service manager with: {}", std::strerror(errno));
    }
    return opened;
}

bool NotifySocket::tell(std::string_view lines) const noexcept
{
    if (!is_open()) return false;
    const auto* raw = reinterpret_cast<const sockaddr*>(&address_);
    const auto sent =
        ::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL, raw, address_size_);
    return sent == static_cast<ssize_t>(lines.size());
}

std::string status_line(std::string_view text)
{
    std::string line = "STATUS=";
    line.append(text.substr(0, cut_before(text, longest_status_bytes)));
    for (auto& c : line) {
        if (is_control(c)) c = ' '; // a line break would begin an assignment
    }
    line += '\n';
    return line;
}

} // namespace gatehouse::gateway
