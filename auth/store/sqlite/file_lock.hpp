#pragma once

#include "config/basics/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace gatehouse::auth::sqlite {

/// The right to write to or checkpoint a database file, shared by all processes that use it: an
/// flock on the file PATH-lock beside it. (Never on the database itself: closing any other
/// descriptor of that would drop SQLite's own locks.) The kernel frees it when a process dies.
class FileLock {
public:
    /// Opens or makes the lock file (mode 0600). The error is a sentence for the operator.
    [[nodiscard]] static Result<FileLock, std::string> open(const std::string& database_path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

    /// Holds the lock until it goes; converts to false if the lock could not be had.
    class Held {
    public:
        Held(Held&& other) noexcept;
        Held& operator=(Held&&) = delete;
        ~Held();

        explicit operator bool() const noexcept { return descriptor_ >= 0; }

    private:
        friend class FileLock;

        explicit Held(int descriptor) noexcept : descriptor_(descriptor) {}

        int descriptor_;
    };

    /// Tries until `patience` is over.
    [[nodiscard]] Held acquire(std::chrono::milliseconds patience) const;

private:
    explicit FileLock(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_;
};

/// Another process that has this database open, and still has when `patience` is over. It need not
/// write: in WAL mode SQLite holds a shared lock on the file as long as a connection is open. To be
/// called before this process opens it: closing a descriptor drops the locks of its connections.
[[nodiscard]] std::optional<pid_t> other_user_of(const std::string& database_path,
                                                 std::chrono::milliseconds patience);

} // namespace gatehouse::auth::sqlite
