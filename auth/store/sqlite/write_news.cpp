#include "auth/store/sqlite/write_news.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

namespace gatehouse::auth::sqlite {

namespace {

constexpr std::uint32_t writes = IN_MODIFY;
constexpr std::uint32_t the_end = IN_DELETE_SELF | IN_MOVE_SELF;

/// -1: nothing will be heard.
[[nodiscard]] int listen_to(const char* file) noexcept
{
    if (file == nullptr) return -1;
    const int news = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (news < 0 || ::inotify_add_watch(news, file, writes | the_end) >= 0) return news;
    ::close(news);
    return -1;
}

[[nodiscard]] int to_int(std::chrono::milliseconds time) noexcept
{
    return static_cast<int>(time.count());
}

} // namespace

WriteNews::WriteNews(const char* file)
    : stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      news_(listen_to(file))
{
    if (stop_ >= 0) return;
    const int why = errno;
    go_deaf();
    throw std::system_error(why, std::generic_category(), "eventfd");
}

WriteNews::~WriteNews()
{
    go_deaf();
    ::close(stop_);
}

bool WriteNews::wait(std::chrono::milliseconds most) noexcept
{
    std::array<pollfd, 2> sources{
        pollfd{stop_, POLLIN, 0},
        pollfd{news_, POLLIN, 0}  // -1 is passed over
    };
    if (::poll(sources.data(), sources.size(), to_int(most)) <= 0) return false;
    if (sources[1].revents == 0) return false;
    take_news();
    return true;
}

void WriteNews::rest(std::chrono::milliseconds time) const noexcept
{
    pollfd stopped{stop_, POLLIN, 0};
    static_cast<void>(::poll(&stopped, 1, to_int(time)));
}

void WriteNews::stop() noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof one);
}

bool WriteNews::is_stopped() const noexcept
{
    pollfd stopped{stop_, POLLIN, 0};
    return ::poll(&stopped, 1, 0) > 0;
}

/// Writes that nobody has heard of yet are one event, so there are few.
void WriteNews::take_news() noexcept
{
    alignas(inotify_event) std::array<char, 4096> room{};
    bool ended = false;
    while (!ended) {
        const auto got = ::read(news_, room.data(), room.size());
        if (got <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, room.data() + at, sizeof event);
            ended = ended || (event.mask & (the_end | IN_IGNORED)) != 0;
            at += sizeof event + event.len;
        }
    }
    if (ended) go_deaf();
}

void WriteNews::go_deaf() noexcept
{
    if (news_ >= 0) ::close(std::exchange(news_, -1));
}

} // namespace gatehouse::auth::sqlite
