#include "gateway/runtime/hand_over.hpp"

#include "gateway/net/passed_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// All of them, in as many messages as it takes.
bool pass_all(int connection, std::span<const int> descriptors)
{
    while (!descriptors.empty()) {
        const auto size = std::min(descriptors.size(), most_passed_at_once);
        if (!pass(connection, hand_over_interim, descriptors.first(size))) return false;
        descriptors = descriptors.subspan(size);
    }
    return true;
}

} // namespace

HandOver::HandOver(Rooms rooms) : rooms_(std::move(rooms)) {}

HandOver::~HandOver()
{
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    if (line_.is_open()) ::shutdown(line_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
}

Result<std::size_t, std::string> HandOver::give(int connection)
{
    const std::scoped_lock lock(mutex_);
    if (waiting_) return std::string("Another process is about to take over");
    if (thread_.joinable()) thread_.join();
    const auto listeners = rooms_.listeners();
    std::array<int, 2> ends{-1, -1};
    if (!listeners || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return std::string("There are no descriptors left, or a worker does not answer");
    }
    line_ = FileDescriptor(ends[0]);
    const FileDescriptor far_end(ends[1]);
    std::vector<int> all{far_end.get()};
    for (const auto& listener : *listeners) all.push_back(listener.socket.get());
    if (!pass_all(connection, all)) {
        const int why = errno;
        line_.reset();
        return "The sockets cannot be passed: " + std::generic_category().message(why);
    }
    waiting_ = true;
    thread_ = std::thread([this] { wait_for_word(); });
    return listeners->size();
}

void HandOver::wait_for_word()
{
    char word = 0;
    ssize_t got = -1;
    do {
        got = ::read(line_.get(), &word, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1 && word == hand_over_ready) {
        rooms_.leave();
    } else if (!stopping_) {
        rooms_.log.say(config::LogLevel::warn, "hand_over_failed",
                       "the process that was to take over has ended; this one goes on");
    }
    waiting_ = false;
}

} // namespace gatehouse::gateway
