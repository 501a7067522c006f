#include "auth/tokens/key_file.hpp"

#include "config/basics/enforced.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace gatehouse::auth {

namespace {

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}

    ~Descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

[[nodiscard]] std::string folder_of(const std::string& path)
{
    const auto folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

[[nodiscard]] bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

[[nodiscard]] std::optional<Secret> read_all(int fd)
{
    constexpr std::size_t largest = 1024 * 1024; // some hundred RSA keys
    std::string text;
    char piece[4096];
    while (text.size() <= largest) {
        const auto got = ::read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return Secret(std::move(text));
        text.append(piece, static_cast<std::size_t>(got));
    }
    errno = EFBIG;
    return std::nullopt;
}

/// What root writes for a gateway that runs as somebody else must stay readable to that one.
[[nodiscard]] bool keep_owner(int fd, const std::string& path)
{
    struct stat old{};

    if (::stat(path.c_str(), &old) != 0) return errno == ENOENT;
    return ::geteuid() != 0 || ::fchown(fd, old.st_uid, old.st_gid) == 0;
}

[[nodiscard]] bool sync_folder(const std::string& path)
{
    const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.is_open() && ::fsync(folder.get()) == 0;
}

/// Held while somebody reads, changes and writes back; other processes wait. A lock of the folder,
/// so no lock file is left behind. Where the folder cannot be locked (a read-only mount) nobody can
/// write either, and there is nothing to guard.
class Lock {
public:
    explicit Lock(const std::string& path)
        : folder_(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        while (folder_.is_open() && ::flock(folder_.get(), LOCK_EX) != 0 && errno == EINTR) {
        }
    }

private:
    const Descriptor folder_;
};

} // namespace

KeyError KeyFile::failure(std::string_view doing) const
{
    return KeyError(fmt::format("cannot {} the keys file {}: {}", doing, path_,
                                std::strerror(errno))); // NOLINT(concurrency-mt-unsafe)
}

Result<std::optional<KeySet>, KeyError> KeyFile::read()
{
    const Lock lock(path_);
    return read_now();
}

Result<KeySet, KeyError> KeyFile::update(const Change& change)
{
    const Lock lock(path_);
    auto kept = read_now();
    if (!kept) return kept.error();
    auto changed = change(*kept);
    if (!changed && !*kept) return KeyError("there are no keys in " + path_);
    if (!changed) return **std::move(kept);
    if (const auto written = write(*changed); !written) return written.error();
    return *std::move(changed);
}

Result<std::optional<KeySet>, KeyError> KeyFile::read_now() const
{
    const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        if (errno == ENOENT) return std::optional<KeySet>();
        return failure("open");
    }

    struct stat facts{};

    if (::fstat(file.get(), &facts) != 0) return failure("look at");
    const unsigned mode = facts.st_mode & 07777U;
    if (enforced("keys.file_mode") && (mode & 077U) != 0) {
        return KeyError(fmt::format("the keys file {} may be used by others than its owner (mode "
                                    "{:04o}); run: chmod 600 {}",
                                    path_, mode, path_));
    }
    const auto text = read_all(file.get());
    if (!text) return failure("read");
    auto keys = parse_key_set(text->reveal());
    if (!keys) {
        return KeyError(
            fmt::format("the keys file {} is damaged: {}", path_, keys.error().message));
    }
    return std::optional(*std::move(keys));
}

Result<void, KeyError> KeyFile::write(const KeySet& keys) const
{
    std::string temporary = path_ + ".new-XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // made with mode 0600
    if (!file.is_open()) return failure("write");
    const auto text = serialize(keys);
    const bool written = keep_owner(file.get(), path_) && write_all(file.get(), text.reveal()) &&
                         ::fsync(file.get()) == 0 &&
                         ::rename(temporary.c_str(), path_.c_str()) == 0;
    if (!written) {
        auto error = failure("write");
        ::unlink(temporary.c_str());
        return error;
    }
    if (!sync_folder(path_)) return failure("sync the folder of");
    return {};
}

} // namespace gatehouse::auth
