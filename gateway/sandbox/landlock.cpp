#include "gateway/sandbox/landlock.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace gatehouse::gateway {
namespace {

using Rights = std::uint64_t;

// Younger than the headers of Debian 12.
constexpr Rights truncate_file = 1ULL << 14; // version 3
constexpr Rights ioctl_device = 1ULL << 15;  // version 5

constexpr Rights since_version_1 =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/// What is refused unless a rule grants it. Moving a file to another folder (REFER) is among it
/// in every version.
Rights governed_by(int version) noexcept
{
    auto rights = since_version_1;
    if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) rights |= truncate_file;
    if (version >= 5) rights |= ioctl_device;
    return rights;
}

Rights granted_for(WritablePlace::Use use) noexcept
{
    constexpr Rights writing = LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_file;
    switch (use) {
    case WritablePlace::Use::files_in:
        return writing | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
               LANDLOCK_ACCESS_FS_REMOVE_FILE;
    case WritablePlace::Use::file:
        return writing | ioctl_device;
    case WritablePlace::Use::folders_in:
        return LANDLOCK_ACCESS_FS_REMOVE_DIR;
    }
    return 0;
}

std::string cannot(std::string_view what, int error)
{
    return std::string(what) + ": " + std::generic_category().message(error);
}

/// Error: what the kernel said.
Result<void, int> grant(int rules, const WritablePlace& place, Rights governed) noexcept
{
    const FileDescriptor there(::open(place.path.c_str(), O_PATH | O_CLOEXEC));
    if (!there.is_open()) return {};
    landlock_path_beneath_attr rule{};
    rule.allowed_access = granted_for(place.use) & governed;
    rule.parent_fd = there.get();
    if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0)
        return {};
    // A pipe that stands in no folder: nothing governs those.
    if (errno == EBADFD) return {};
    return errno;
}

} // namespace

Result<int, std::string> write_only_in(std::span<const WritablePlace> places)
{
    constexpr auto no_landlock = "this kernel has no Landlock, or the container keeps it away";
    const auto version = static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
    if (version < 1) return cannot(no_landlock, errno);
    landlock_ruleset_attr governed{};
    governed.handled_access_fs = governed_by(version);
    const FileDescriptor rules(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &governed, sizeof governed, 0)));
    if (!rules.is_open()) return cannot(no_landlock, errno);
    for (const auto& place : places) {
        const auto granted = grant(rules.get(), place, governed.handled_access_fs);
        if (!granted) return cannot(place.path + " cannot be kept writable", granted.error());
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return cannot("no_new_privs cannot be set", errno);
    }
    if (!enforced("sandbox.writable_places")) return version;
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
        return cannot("Landlock cannot be used", errno);
    }
    return version;
}

} // namespace gatehouse::gateway
