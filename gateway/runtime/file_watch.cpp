#include "gateway/runtime/file_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

using Steady = std::chrono::steady_clock;

// Of a folder only what gives a name another meaning: a database in it writes all day.
constexpr std::uint32_t of_folders =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t of_files = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;

std::string folder_of(const std::filesystem::path& file)
{
    auto folder = file.parent_path();
    return folder.empty() ? "." : folder.string();
}

} // namespace

FileWatch::FileWatch(Rooms rooms, FileStates seen, Pace pace)
    : rooms_(std::move(rooms)),
      pace_(pace),
      seen_(std::move(seen)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!stop_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread_ = std::thread([this] { run(); });
}

FileWatch::~FileWatch()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
}

void FileWatch::run()
{
    while (true) {
        const auto files = rooms_.files();
        listen_to(files); // before looking: what comes in between is heard
        auto now = states_of(files);
        if (has_changed(now)) {
            if (!settle()) return;
            rooms_.on_change();
            continue;
        }
        seen_ = std::move(now);
        if (wait(rooms_.poll()) == Woken::stopped) return;
    }
}

/// A file that is new among them was read a moment ago.
bool FileWatch::has_changed(const FileStates& now) const
{
    return std::ranges::any_of(now, [&](const auto& file) {
        const auto known = seen_.find(file.first);
        return known != seen_.end() && known->second != file.second;
    });
}

/// Until nothing has changed for a while.
bool FileWatch::settle()
{
    const auto end = Steady::now() + pace_.longest;
    auto last_change = Steady::now();
    while (true) {
        const auto files = rooms_.files();
        listen_to(files);
        auto found = states_of(files);
        const auto now = Steady::now();
        // A folder tells of others too: of a database that makes temporary files beside ours.
        if (std::exchange(touched_, false) || found != seen_) last_change = now;
        seen_ = std::move(found);
        const auto quiet = being_written_ ? pace_.quiet_while_open : pace_.quiet;
        const auto until = std::min(last_change + quiet, end);
        if (now >= until) break;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        if (wait(left) == Woken::stopped) return false;
    }
    being_written_ = false;
    // Watches of files that are gone would pile up.
    news_.reset();
    return true;
}

void FileWatch::listen_to(const std::vector<std::string>& files)
{
    if (!pace_.use_inotify) return;
    if (!news_.is_open()) news_ = FileDescriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!news_.is_open()) return; // none left on this machine: looking now and then will do
    for (const auto& file : files) listen_to(file);
}

/// Asking again for what is watched already changes nothing.
void FileWatch::listen_to(const std::string& file)
{
    ::inotify_add_watch(news_.get(), folder_of(file).c_str(), of_folders);
    ::inotify_add_watch(news_.get(), file.c_str(), of_files);
    std::error_code ignored;
    const auto real = std::filesystem::canonical(file, ignored);
    if (!real.empty()) ::inotify_add_watch(news_.get(), folder_of(real).c_str(), of_folders);
}

FileWatch::Woken FileWatch::wait(std::chrono::milliseconds most)
{
    std::array<pollfd, 2> waits{
        pollfd{stop_.get(), POLLIN, 0},
        pollfd{news_.get(), POLLIN, 0}  // -1 is passed over
    };
    const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(most.count()));
    if (waits[0].revents != 0) return Woken::stopped;
    if (ready <= 0) return Woken::timed_out;
    take_events();
    return Woken::told;
}

void FileWatch::take_events()
{
    alignas(inotify_event) std::array<char, 4096> room{};
    while (true) {
        const auto got = ::read(news_.get(), room.data(), room.size());
        if (got <= 0) return;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, room.data() + at, sizeof event);
            if ((event.mask & of_files) != 0) touched_ = true;
            if ((event.mask & IN_MODIFY) != 0) being_written_ = true;
            if ((event.mask & IN_CLOSE_WRITE) != 0) being_written_ = false;
            at += sizeof event + event.len;
        }
    }
}

} // namespace gatehouse::gateway
