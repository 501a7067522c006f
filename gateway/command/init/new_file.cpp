#include "gateway/command/init/new_file.hpp"

#include "gateway/net/file_descriptor.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace gatehouse::gateway {
namespace {

bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// mkstemp makes files for their owner alone; this one holds no secret.
bool make_readable(int fd)
{
    const auto mask = ::umask(0);
    ::umask(mask);
    return ::fchmod(fd, 0666 & ~mask) == 0;
}

bool put_in_place(const std::string& from, const std::string& to, Existing existing)
{
    if (existing == Existing::replace) return ::rename(from.c_str(), to.c_str()) == 0;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    // Some file systems cannot; a second name for the same file is as careful.
    if (errno != EINVAL || ::link(from.c_str(), to.c_str()) != 0) return false;
    ::unlink(from.c_str());
    return true;
}

void sync_folder_of(const std::string& path)
{
    const auto folder = std::filesystem::path(path).parent_path();
    const FileDescriptor fd(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.is_open()) ::fsync(fd.get()); // where folders cannot be synced, nothing is lost by it
}

} // namespace

std::optional<std::string> write_new_file(const std::string& path, std::string_view text,
                                          Existing existing)
{
    const auto failure = [&] {
        return fmt::format("{} cannot be written: {}", path,
                           std::generic_category().message(errno));
    };
    std::string temporary = path + ".new-XXXXXX";
    const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.is_open()) return failure();
    const bool written = write_all(file.get(), text) && make_readable(file.get()) &&
                         ::fsync(file.get()) == 0 && put_in_place(temporary, path, existing);
    if (!written) {
        auto problem = failure();
        ::unlink(temporary.c_str());
        return problem;
    }
    sync_folder_of(path);
    return {};
}

} // namespace gatehouse::gateway
