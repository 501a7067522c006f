#pragma once

#include "config/basics/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Why a file could not be read: `cannot be read: No such file or directory`.
struct FileProblem {
    FileProblem() = default;

    FileProblem(std::string what, std::string_view why) : message(std::move(what.append(why))) {}

    std::string message;
};

/// The whole file, at most `longest` bytes of it existing. It may be a pipe that a program writes
/// to; one that says nothing for so long as `patience` is an error, for it would hold a reload, and
/// whoever wants to stop the gateway, for ever.
[[nodiscard]] Result<std::string, FileProblem>
read_file(const std::string& path, std::size_t longest,
          std::chrono::milliseconds patience = std::chrono::seconds{10});

} // namespace gatehouse::config
