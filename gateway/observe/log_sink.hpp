#pragma once

#include "config/basics/result.hpp"
#include "config/settings/log.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <cstddef>
#include <string>

namespace gatehouse::gateway {

/// Where log lines go: a descriptor of the process, or a file that can be opened anew after
/// somebody has renamed it.
class LogSink {
public:
    /// One that the process has and keeps.
    explicit LogSink(int descriptor);

    /// What the settings say; a file is made, for owner and group. Error: a sentence.
    [[nodiscard]] static Result<LogSink, std::string> open(const config::LogSettings& settings);

    /// Opens the file of that name again; where that fails the old one is kept. Nothing for what
    /// is no file. Error: why not.
    [[nodiscard]] Result<void, std::string> reopen();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    [[nodiscard]] const std::string& file() const noexcept { return file_; } // empty: none

    /// The most that one write may take without a reader holding it up.
    [[nodiscard]] std::size_t piece_bytes() const noexcept { return piece_bytes_; }

private:
    LogSink(FileDescriptor opened, std::string file);

    FileDescriptor owned_; // not open for a descriptor of the process
    int descriptor_;
    std::string file_;
    std::size_t piece_bytes_;
};

} // namespace gatehouse::gateway
