#pragma once

#include <unistd.h>

#include <array>
#include <string>

namespace gatehouse::gateway::test {

/// A pipe to log into.
class LogPipe {
public:
    LogPipe()
    {
        if (pipe(ends_.data()) != 0) ends_ = {-1, -1};
    }

    ~LogPipe()
    {
        close_reader();
        close_writer();
    }

    LogPipe(const LogPipe&) = delete;
    LogPipe& operator=(const LogPipe&) = delete;

    [[nodiscard]] int writer() const { return ends_[1]; }

    void close_reader() { shut(ends_[0]); }

    void close_writer() { shut(ends_[1]); }

    /// What is there, waiting for some; empty at the end.
    std::string read_some()
    {
        std::array<char, 4096> piece{};
        const auto got = read(ends_[0], piece.data(), piece.size());
        return got > 0 ? std::string{piece.data(), static_cast<std::size_t>(got)} : std::string{};
    }

    /// Everything, once the writing end is closed.
    std::string read_all()
    {
        std::string all;
        for (auto piece = read_some(); !piece.empty(); piece = read_some()) all += piece;
        return all;
    }

private:
    static void shut(int& end)
    {
        if (end >= 0) close(end);
        end = -1;
    }

    std::array<int, 2> ends_{};
};

} // namespace gatehouse::gateway::test
