#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {

/// The longest path that the address of a unix socket has room for: unix(7), without the 0 at its
/// end.
inline constexpr std::size_t longest_unix_path = 107;

/// The file by which a unix socket of ours is found. It is removed with this object, unless
/// somebody has put another one in its place meanwhile.
class UnixFile {
public:
    UnixFile() = default; // of nothing
    /// The file that is at `path` now.
    explicit UnixFile(std::string path);
    UnixFile(UnixFile&&) = default;
    UnixFile& operator=(UnixFile&& other) noexcept;

    ~UnixFile() { remove(); }

    /// Stays where it is: another process answers there from now on.
    void leave() noexcept { file_.reset(); }

private:
    void remove() noexcept;

    std::string path_;
    FileDescriptor file_; // open, so that no other file can get its number
};

/// A unix socket that listens, and its file.
struct UnixListener {
    FileDescriptor socket; // non-blocking
    UnixFile file;
};

/// Opens one at `path`, which only this user and root may connect to, from its first moment on. The
/// file of a process that is gone is replaced.
/// Error: a sentence for the operator: somebody answers there, it is another file, no such folder.
[[nodiscard]] Result<UnixListener, std::string> listen_at(const std::string& path);

/// Connects within `deadline`; the socket blocks, and its reads and writes are bounded by the same
/// time.
[[nodiscard]] Result<FileDescriptor, std::error_code> dial_unix(const std::string& path,
                                                                std::chrono::milliseconds deadline);

/// The user who connected to this unix socket, as the kernel knows it: unix(7), SO_PEERCRED.
/// Nothing: it is no unix socket.
[[nodiscard]] std::optional<uid_t> unix_user_of(int socket) noexcept;

} // namespace gatehouse::gateway
