#include "gateway/net/unix_socket.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace gatehouse::gateway {
namespace {

constexpr int backlog = 128;

/// Long enough for any gateway that lives to accept; one that hangs holds its place.
constexpr std::chrono::milliseconds look_patience{1000};

constexpr std::string_view in_use = "the socket is in use by another process";

/// Nothing: the path is too long, or empty.
std::optional<sockaddr_un> address_of(const std::string& path) noexcept
{
    sockaddr_un address{};
    static_assert(sizeof address.sun_path == longest_unix_path + 1);
    if (path.empty() || path.size() > longest_unix_path) return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* raw(const sockaddr_un& address) noexcept
{
    return reinterpret_cast<const sockaddr*>(&address);
}

std::string cannot_listen(const std::string& path, std::string_view why)
{
    return fmt::format("cannot listen on {}: {}", path, why);
}

std::error_code last_error() noexcept
{
    return {errno, std::generic_category()};
}

/// Takes the file of a dead process away. Error: what is there is to stay.
Result<void, std::string> make_room(const std::string& path)
{
    struct stat facts{};

    if (::lstat(path.c_str(), &facts) != 0) {
        if (errno == ENOENT) return {};
        return cannot_listen(path, last_error().message());
    }
    if (!S_ISSOCK(facts.st_mode)) {
        return cannot_listen(path, "there is a file that is no socket; move it away, or change "
                                   "admin_api.socket");
    }
    const auto answers = dial_unix(path, look_patience);
    if (answers || answers.error() == std::errc::resource_unavailable_try_again)
        return cannot_listen(path, in_use);
    if (answers.error() != std::errc::connection_refused) {
        return cannot_listen(path, answers.error().message());
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return cannot_listen(path, last_error().message());
    }
    return {};
}

} // namespace

UnixFile::UnixFile(std::string path)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC))
{
}

UnixFile& UnixFile::operator=(UnixFile&& other) noexcept
{
    if (this != &other) {
        remove();
        path_ = std::move(other.path_);
        file_ = std::move(other.file_);
    }
    return *this;
}

void UnixFile::remove() noexcept
{
    if (!file_.is_open()) return;

    struct stat ours{};
    struct stat there{};

    const bool same = ::fstat(file_.get(), &ours) == 0 && ::lstat(path_.c_str(), &there) == 0 &&
                      ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
    if (same) ::unlink(path_.c_str());
    file_.reset();
}

Result<UnixListener, std::string> listen_at(const std::string& path)
{
    const auto address = address_of(path);
    if (!address) {
        return cannot_listen(path, fmt::format("the path has {} bytes, and a socket's at most {}",
                                               path.size(), longest_unix_path));
    }
    if (const auto room = make_room(path); !room) return room.error();
    UnixListener listener;
    listener.socket =
        FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int fd = listener.socket.get();
    // bind() gives the file the mode of the socket: there is no moment in which it is another.
    const bool bound =
        fd >= 0 && ::fchmod(fd, 0600) == 0 && ::bind(fd, raw(*address), sizeof *address) == 0;
    if (!bound && errno == EADDRINUSE) return cannot_listen(path, in_use);
    if (!bound) return cannot_listen(path, last_error().message());
    listener.file = UnixFile(path);
    if (::listen(fd, backlog) != 0) return cannot_listen(path, last_error().message());
    return listener;
}

Result<FileDescriptor, std::error_code> dial_unix(const std::string& path,
                                                  std::chrono::milliseconds deadline)
{
    const auto address = address_of(path);
    if (!address) return make_error_code(std::errc::filename_too_long);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return last_error();
    // SO_SNDTIMEO also bounds connect() on Linux (socket(7)).
    const auto seconds = std::chrono::floor<std::chrono::seconds>(deadline);
    const timeval time{seconds.count(), (deadline - seconds).count() * 1000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    if (::connect(socket.get(), raw(*address), sizeof *address) != 0) return last_error();
    return socket;
}

std::optional<uid_t> unix_user_of(int socket) noexcept
{
    int domain = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) {
        return std::nullopt;
    }
    ucred peer{};
    size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return static_cast<uid_t>(-1); // nobody
    }
    return peer.uid;
}

} // namespace gatehouse::gateway
