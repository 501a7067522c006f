#pragma once

#include "config/basics/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::config {

/// Why a file could not be read: `cannot be read: No such file or directory`.
struct FileProblem {
    FileProblem() = default;

    FileProblem(std::string what, std::string_view why) : message(std::move(what.append(why))) {}

    std::string message;
};

/// The whole file, at most `longest` bytes of it existing.
[[nodiscard]] Result<std::string, FileProblem> read_file(const std::string& path,
                                                         std::size_t longest);

} // namespace gatehouse::config
