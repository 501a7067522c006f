#include "auth/tokens/secret_folder.hpp"

#include "config/basics/enforced.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

namespace {

using jose::KeyError;

constexpr std::size_t largest_file = 64 * 1024;

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

using Folder = std::unique_ptr<DIR, CloseFolder>;

/// What errno says. A name that was listed and is gone, or a link into nowhere: a swap.
[[nodiscard]] KeyError failure(std::string_view doing, const std::string& path)
{
    const bool is_gone = errno == ENOENT;
    KeyError error(fmt::format("cannot {} {}: {}", doing, path,
                               std::strerror(errno))); // NOLINT(concurrency-mt-unsafe)
    error.try_again = is_gone;
    return error;
}

/// The folder that `..data` leads to at this moment, else the folder itself.
[[nodiscard]] Folder open_folder(const std::string& path)
{
    constexpr auto flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = ::open((path + "/..data").c_str(), flags);
    if (fd < 0 && errno == ENOENT) fd = ::open(path.c_str(), flags);
    return Folder(fd < 0 ? nullptr : ::fdopendir(fd));
}

[[nodiscard]] std::vector<std::string> visible_names(DIR& folder)
{
    std::vector<std::string> names;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread reads this stream
    while (const auto* entry = ::readdir(&folder)) {
        const std::string_view name = static_cast<const char*>(entry->d_name);
        if (!name.starts_with('.')) names.emplace_back(name);
    }
    return names;
}

/// A descriptor that closes itself.
class File {
public:
    File(DIR& folder, const std::string& name)
        // Not blocking: a pipe in the folder must not keep the gateway from starting.
        : fd_(::openat(::dirfd(&folder), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
    }

    File(const File&) = delete;
    File& operator=(const File&) = delete;

    ~File()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

[[nodiscard]] Result<Secret, KeyError> read_text(int fd, const std::string& path)
{
    std::string text;
    char piece[4096];
    while (text.size() <= largest_file) {
        const auto got = ::read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure("read", path);
        if (got == 0) return Secret(std::move(text));
        text.append(piece, static_cast<std::size_t>(got));
    }
    return KeyError(path + " is too large for a key");
}

[[nodiscard]] Result<Secret, KeyError> read_file_in(DIR& folder, const std::string& name,
                                                    const std::string& path)
{
    const File file(folder, name);

    struct stat facts{};

    if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) return failure("open", path);
    if (!S_ISREG(facts.st_mode)) return KeyError(path + " is no file");
    // Who may read it is for the mount to say: Kubernetes gives the files of a Secret mode 0644.
    if (enforced("keys.folder_file_mode") && (facts.st_mode & 022U) != 0) {
        return KeyError(fmt::format("{} may be written by others than its owner (mode {:04o}); "
                                    "run: chmod go-w {}",
                                    path, facts.st_mode & 07777U, path));
    }
    return read_text(file.get(), path);
}

} // namespace

Result<std::map<std::string, Secret>, KeyError> read_secret_folder(const std::string& path)
{
    const auto folder = open_folder(path);
    if (folder == nullptr) return failure("open the folder", path);
    std::map<std::string, Secret> files;
    for (const auto& name : visible_names(*folder)) {
        auto content = read_file_in(*folder, name, fmt::format("{}/{}", path, name));
        if (!content) return content.error();
        files.emplace(name, *std::move(content));
    }
    return files;
}

} // namespace gatehouse::auth
