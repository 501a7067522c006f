#include "gateway/observe/log_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_at_the_end = 1s;
constexpr auto telling_every = 1s;
constexpr auto poll_slice = 100ms; // how soon a waiting writer notices that it must stop

/// The end of a write to the sink: bytes it took, or why it takes none; neither: it is time to
/// stop.
struct Written {
    std::size_t bytes = 0;
    int error = 0;
};

/// A closed pipe is an error of write(), not the end of the process.
void block_sigpipe() noexcept
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

/// Waits until the descriptor takes bytes; while stopping no longer than patience lasts.
Written write_some(int descriptor, std::span<const char> bytes,
                   const std::atomic<bool>& stopping) noexcept
{
    auto patience = patience_at_the_end / poll_slice;
    for (;;) {
        pollfd ready{descriptor, POLLOUT, 0};
        const int slice = static_cast<int>(std::chrono::milliseconds{poll_slice}.count());
        if (poll(&ready, 1, slice) == 0) {
            if (stopping.load() && --patience == 0) return {};
            continue;
        }
        const auto written = write(descriptor, bytes.data(), bytes.size());
        if (written > 0) return {static_cast<std::size_t>(written), 0};
        if (written < 0 && errno != EINTR && errno != EAGAIN) return {0, errno};
    }
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
    if (line.size() > capacity_ - used) {
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return false;
    }

    if (used == 0) first_ = pushed; // from the beginning again: few lines touch few pages
    const auto at = place_of(pushed);
    const auto first = std::min(line.size(), capacity_ - at);
    std::memcpy(ring_.get() + at, line.data(), first);
    if (first != line.size()) {
        std::memcpy(ring_.get(), line.data() + first, line.size() - first);
    }
    // Both sides store, then look at what the other stored; only sequential consistency forbids
    // that the writer falls asleep while we believe it awake, or rests while we fill the ring.
    pushed_.store(pushed + line.size(), std::memory_order_seq_cst);
    const auto left = pushed + line.size() - released_.load(std::memory_order_seq_cst);
    const bool gets_crowded = left >= crowd() && left - line.size() < crowd();
    if (gets_crowded || writer_.asleep_.load(std::memory_order_seq_cst)) writer_.wake();
    return true;
}

std::uint64_t LogLane::readable_bytes() const noexcept
{
    return pushed_.load(std::memory_order_seq_cst) - released_.load(std::memory_order_relaxed);
}

std::span<const char> LogLane::readable() const noexcept
{
    const auto at = place_of(released_.load(std::memory_order_relaxed));
    return {ring_.get() + at, std::min<std::size_t>(readable_bytes(), capacity_ - at)};
}

void LogLane::release(std::size_t bytes) noexcept
{
    released_.store(released_.load(std::memory_order_relaxed) + bytes, std::memory_order_seq_cst);
}

LogWriter::LogWriter(LogSink sink, std::size_t workers, LogPace pace)
    : gathering_(pace.gathering),
      sink_(std::move(sink))
{
    for (std::size_t i = 0; i <= workers; ++i)
        lanes_.push_back(std::make_unique<LogLane>(*this, pace.lane_bytes));
    thread_ = std::thread{[this] { run(); }};
}

LogWriter::LogWriter(int descriptor, std::size_t workers, LogPace pace)
    : LogWriter(LogSink(descriptor), workers, pace)
{
}

LogWriter::~LogWriter()
{
    stopping_.store(true);
    wake();
    thread_.join();
}

void LogWriter::say(std::string_view line) noexcept
{
    try {
        const std::lock_guard lock{saying_};
        said_.assign(line);
        said_ += '\n';
        if (!lanes_.back()->push(said_)) lose_line();
    } catch (const std::exception&) { // no memory for a copy
        lose_line();
    }
}

void LogWriter::reopen() noexcept
{
    reopens_.store(true);
    wake();
}

void LogWriter::on_trouble(Tell tell)
{
    const std::lock_guard lock{telling_};
    tell_ = std::move(tell);
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
    const auto woken = [this] { return stopping_.load() || reopens_.load() || has_lines(); };
    asleep_.store(true, std::memory_order_seq_cst);
    if (lost() != told_lost_ && !unwritable_) {
        woken_.wait_until(lock, next_telling_, woken);
    } else {
        woken_.wait(lock, woken);
    }
    asleep_.store(false, std::memory_order_seq_cst);
}

void LogWriter::gather_more() noexcept
{
    std::unique_lock lock{sleep_};
    woken_.wait_for(lock, gathering_, [this] {
        return stopping_.load() ||
               std::ranges::any_of(lanes_, [](const auto& lane) { return lane->is_crowded(); });
    });
}

void LogWriter::run() noexcept
{
    block_sigpipe();
    for (;;) {
        wait_for_lines();
        if (!write_out()) return;
        // Here everything that was written ends with a line's end.
        if (reopens_.exchange(false)) reopen_now();
        tell_of_losses();
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
            const auto most = std::min<std::uint64_t>(sink_.piece_bytes(), left);
            const auto taken = write_piece(bytes.first(std::min<std::size_t>(bytes.size(), most)));
            if (taken == 0) return false;
            lane->release(taken);
            left -= taken;
        }
    }
    return true;
}

/// Writes as much as the sink takes. What it refuses counts as taken: nobody will ever read it, and
/// the ring must not fill up. 0: stopping, and patience is over.
std::size_t LogWriter::write_piece(std::span<const char> bytes) noexcept
{
    if (skips_) return skip_line(bytes);
    if (line_is_cut_) {
        const auto ended = write_some(sink_.descriptor(), {"\n", 1}, stopping_);
        if (ended.error != 0) return lose(bytes, ended.error);
        if (ended.bytes == 0) return 0;
        line_is_cut_ = false;
    }
    const auto written = write_some(sink_.descriptor(), bytes, stopping_);
    if (written.error != 0) return lose(bytes, written.error);
    if (written.bytes == 0) return 0;
    inside_line_ = bytes[written.bytes - 1] != '\n';
    unwritable_ = false;
    return written.bytes;
}

std::size_t LogWriter::skip_line(std::span<const char> bytes) noexcept
{
    const auto end = std::ranges::find(bytes, '\n');
    if (end == bytes.end()) return bytes.size();
    skips_ = false;
    unwritten_.fetch_add(1, std::memory_order_relaxed);
    return static_cast<std::size_t>(end - bytes.begin()) + 1;
}

std::size_t LogWriter::lose(std::span<const char> bytes, int error) noexcept
{
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
    unwritten_.fetch_add(lines, std::memory_order_relaxed);
    line_is_cut_ = line_is_cut_ || inside_line_;
    inside_line_ = false;
    skips_ = bytes.back() != '\n';
    if (!std::exchange(unwritable_, true)) {
        tell(LogTrouble::Kind::unwritable, std::strerror(error), lines);
    }
    return bytes.size();
}

void LogWriter::reopen_now() noexcept
{
    if (sink_.file().empty()) return;
    try {
        const auto opened = sink_.reopen();
        if (!opened) return tell(LogTrouble::Kind::not_reopened, opened.error(), 0);
        // A new file has no line that was cut.
        line_is_cut_ = false;
        tell(LogTrouble::Kind::reopened, {}, 0);
    } catch (const std::exception&) { // no memory: the old one is kept
        tell(LogTrouble::Kind::not_reopened, "out of memory", 0);
    }
}

std::uint64_t LogWriter::lost() const noexcept
{
    auto lost = dropped();
    // say() counts what its own lane dropped.
    for (std::size_t i = 0; i + 1 < lanes_.size(); ++i) lost += lanes_[i]->dropped();
    return lost;
}

/// Once lines are taken again, and not more often than every second.
void LogWriter::tell_of_losses() noexcept
{
    const auto lost_now = lost();
    const auto now = std::chrono::steady_clock::now();
    if (lost_now == told_lost_ || unwritable_ || now < next_telling_) return;
    next_telling_ = now + telling_every;
    tell(LogTrouble::Kind::lost, {}, lost_now - std::exchange(told_lost_, lost_now));
}

void LogWriter::tell(LogTrouble::Kind kind, std::string_view reason, std::uint64_t lines) noexcept
{
    try {
        const std::lock_guard lock{telling_};
        if (tell_) tell_({kind, reason, lines});
    } catch (const std::exception&) { // no memory to tell it; the counter has it
        return;
    }
}

} // namespace gatehouse::gateway
