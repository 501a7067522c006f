#pragma once

#include <sqlite3.h>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::auth::sqlite {

/// The files of one connection, by their names: the database, its write-ahead log and the index of
/// that. SQLite goes on with a file whose name was deleted or leads to another one by now, without
/// an error, and nobody finds again what is written there.
class NamedFiles {
public:
    explicit NamedFiles(sqlite3* handle);

    /// A sentence about one that lost its name since it was seen first. Log and index are seen
    /// first when this is asked the first time after the connection has read.
    [[nodiscard]] const char* whats_gone() noexcept;

    /// Whether what is in a log that lost its name can be copied into the database: nobody has
    /// begun another log, or has touched the database, since all of them were seen in their places.
    [[nodiscard]] bool may_be_saved() const noexcept;

private:
    struct Seen {
        dev_t device;
        ino_t number;
        bool operator==(const Seen&) const = default;
    };

    struct State {
        std::int64_t size;
        std::int64_t seconds;
        std::int64_t nanoseconds;
        bool operator==(const State&) const = default;
    };

    [[nodiscard]] static bool has_moved(const std::string& name,
                                        std::optional<Seen>& seen) noexcept;
    [[nodiscard]] bool database_has_moved() const noexcept;
    [[nodiscard]] std::optional<State> state_of_database() const noexcept;

    sqlite3* handle_;
    std::string database_;
    std::string log_;
    std::string index_;
    std::optional<Seen> seen_log_;
    std::optional<Seen> seen_index_;
    std::optional<State> last_state_;
};

} // namespace gatehouse::auth::sqlite
