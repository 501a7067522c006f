#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::auth::postgres {

/// Starts a program as an ordinary user (PostgreSQL and pgbouncer refuse root), with both its
/// outputs in the file `output`. It ends when this process does.
[[nodiscard]] pid_t run(std::vector<std::string> words, const std::filesystem::path& output);

/// Throws what it wrote unless it ends well.
void wait_for_success(pid_t child, const std::filesystem::path& output);

/// Makes a file or folder that of the user who runs the programs.
void give_away(const std::filesystem::path& path);

} // namespace gatehouse::auth::postgres
