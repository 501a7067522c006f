#include "gateway/observe/log_writer.hpp"

#include <climits>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// How long the writer lets lines gather before it writes again: a batch costs one system call,
/// and a reader waits no longer than this.
constexpr auto gathering = 10ms;
constexpr auto patience_at_the_end = 1s;
constexpr auto poll_slice = 100ms; // how soon a waiting writer notices that it must stop

/// A pipe that polls writable takes PIPE_BUF bytes at once; more could block for ever.
std::size_t piece_bytes_of(int descriptor) noexcept
{
    struct stat facts{};
    const bool file = fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
    return file ? LogWriter::default_lane_bytes : PIPE_BUF;
}

/// A closed pipe is an error of write(), not the end of the process.
void block_sigpipe() noexcept
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

} // namespace

LogLane::LogLane(LogWriter& writer, std::size_t capacity_bytes)
    : writer_(writer),
      capacity_(capacity_bytes),
      ring_(std::make_unique_for_overwrite<char[]>(capacity_bytes))
{
}

bool LogLane::push(std::string_view line) noexcept
{
    const auto pushed = pushed_.load(std::memory_order_relaxed);
    const auto used = pushed - released_.load(std::memory_order_acquire);
    if (line.size() > capacity_ - used) return false;

    const auto at = pushed % capacity_;
    const auto first = std::min(line.size(), capacity_ - at);
    std::memcpy(ring_.get() + at, line.data(), first);
    std::memcpy(ring_.get(), line.data() + first, line.size() - first);
    // Both sides store, then look at what the other stored; only sequential consistency forbids
    // that the writer falls asleep while we believe it awake.
    pushed_.store(pushed + line.size(), std::memory_order_seq_cst);
    if (writer_.asleep_.load(std::memory_order_seq_cst)) writer_.wake();
    return true;
}

std::uint64_t LogLane::readable_bytes() const noexcept
{
    return pushed_.load(std::memory_order_seq_cst) - released_.load(std::memory_order_relaxed);
}

std::span<const char> LogLane::readable() const noexcept
{
    const auto at = released_.load(std::memory_order_relaxed) % capacity_;
    return {ring_.get() + at, std::min<std::size_t>(readable_bytes(), capacity_ - at)};
}

void LogLane::release(std::size_t bytes) noexcept
{
    released_.store(released_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
}

LogWriter::LogWriter(int descriptor, std::size_t workers, std::size_t lane_bytes)
    : descriptor_(descriptor),
      piece_bytes_(piece_bytes_of(descriptor))
{
    for (std::size_t i = 0; i <= workers; ++i)
        lanes_.push_back(std::make_unique<LogLane>(*this, lane_bytes));
    thread_ = std::thread{[this] { run(); }};
}

LogWriter::~LogWriter()
{
    stopping_.store(true);
    wake();
    thread_.join();
}

void LogWriter::say(std::string_view line) noexcept
{
    const std::lock_guard lock{saying_};
    std::array<char, 4096> text{};
    const auto size = std::min(line.size(), text.size() - 1);
    std::copy_n(line.data(), size, text.data());
    text[size] = '\n';
    if (!lanes_.back()->push({text.data(), size + 1})) dropped_.fetch_add(1);
}

void LogWriter::wake() noexcept
{
    // Under the mutex, or the notice could fall between the sleeper's look and its sleep.
    const std::lock_guard lock{sleep_};
    woken_.notify_one();
}

bool LogWriter::has_lines() const noexcept
{
    return std::ranges::any_of(lanes_,
                               [](const auto& lane) { return lane->readable_bytes() != 0; });
}

void LogWriter::wait_for_lines() noexcept
{
    std::unique_lock lock{sleep_};
    asleep_.store(true, std::memory_order_seq_cst);
    woken_.wait(lock, [this] { return stopping_.load() || has_lines(); });
    asleep_.store(false, std::memory_order_seq_cst);
}

void LogWriter::gather_more() noexcept
{
    std::unique_lock lock{sleep_};
    woken_.wait_for(lock, gathering, [this] { return stopping_.load(); });
}

void LogWriter::run() noexcept
{
    block_sigpipe();
    for (;;) {
        wait_for_lines();
        if (!write_out()) return;
        if (stopping_.load() && !has_lines()) return;
        gather_more();
    }
}

/// Writes every lane as it is now: what comes meanwhile gathers for the next time, or a busy worker
/// would have each line or two written by a system call of their own. false: stopping, and the
/// descriptor takes nothing.
bool LogWriter::write_out() noexcept
{
    for (const auto& lane : lanes_) {
        for (auto left = lane->readable_bytes(); left != 0;) {
            const auto bytes = lane->readable();
            const auto most = std::min<std::uint64_t>(piece_bytes_, left);
            const auto taken = write_some(bytes.first(std::min<std::size_t>(bytes.size(), most)));
            if (taken == 0) return false;
            lane->release(taken);
            left -= taken;
        }
    }
    return true;
}

/// Waits until the descriptor takes bytes. A descriptor that is broken takes them all: nobody will
/// ever read them, and the ring must not fill up. 0: stopping, and patience is over.
std::size_t LogWriter::write_some(std::span<const char> bytes) noexcept
{
    auto patience = patience_at_the_end / poll_slice;
    for (;;) {
        pollfd ready{descriptor_, POLLOUT, 0};
        const int slice = static_cast<int>(std::chrono::milliseconds{poll_slice}.count());
        if (poll(&ready, 1, slice) == 0) {
            if (stopping_.load() && --patience == 0) return 0;
            continue;
        }
        const auto written = write(descriptor_, bytes.data(), bytes.size());
        if (written > 0) return static_cast<std::size_t>(written);
        if (written < 0 && errno != EINTR && errno != EAGAIN) return bytes.size();
    }
}

} // namespace gatehouse::gateway
