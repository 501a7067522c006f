#pragma once

#include <chrono>

namespace gatehouse::auth::sqlite {

/// Hears of writes to one file, by whatever process of this machine (inotify(7)), so that nobody
/// has to look whether there were any.
class WriteNews {
public:
    /// `file`: null or absent is nothing to hear of. Throws std::system_error when the process has
    /// no descriptor left.
    explicit WriteNews(const char* file);
    WriteNews(const WriteNews&) = delete;
    WriteNews& operator=(const WriteNews&) = delete;
    ~WriteNews();

    /// It never hears of anything: the kernel cannot watch this file, or has stopped, because the
    /// file is gone.
    [[nodiscard]] bool is_deaf() const noexcept { return news_ < 0; }

    /// Until somebody writes, at most so long; true: somebody has, since the last such call. One
    /// thread at a time.
    [[nodiscard]] bool wait(std::chrono::milliseconds most) noexcept;

    /// The whole time, whoever writes.
    void rest(std::chrono::milliseconds time) const noexcept;

    /// Ends every wait and rest, now and later. From any thread.
    void stop() noexcept;
    [[nodiscard]] bool is_stopped() const noexcept;

private:
    void take_news() noexcept;
    void go_deaf() noexcept;

    int stop_; // eventfd; readable once stopped
    int news_; // inotify
};

} // namespace gatehouse::auth::sqlite
