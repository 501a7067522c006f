#include "auth/store/sqlite/open.hpp"

#include "auth/store/sqlite/schema.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::auth::sqlite {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

using Opened = Result<std::unique_ptr<Store>, std::string>;
using Done = Result<void, std::string>;

// Another process that opens the file at this moment, or commits, is done long before.
constexpr auto lock_patience = 5s;

// A command that reads is done before, unless somebody sits at it.
constexpr auto user_patience = 500ms;

constexpr const char* locked_by_another =
    "is kept locked by another Gatehouse process; stop that one";

[[nodiscard]] std::string system_message(int error)
{
    return std::generic_category().message(error);
}

[[nodiscard]] bool sync(const fs::path& path, int flags)
{
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return synced;
}

/// Makes an empty file if there is none, readable for its owner only, and writes the folder's
/// entry to disk: a synced log would not help if the power cut took the file's name. SQLite gives
/// the log beside it the same mode.
[[nodiscard]] Done make_if_missing(const fs::path& path)
{
    // O_EXCL: an existing file is not opened, for closing it would drop SQLite's locks on it.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) return {};
    if (descriptor < 0) {
        return {boost::system::in_place_error, "cannot be made: " + system_message(errno)};
    }
    ::close(descriptor);
    if (!sync(path.parent_path(), O_RDONLY | O_DIRECTORY)) {
        return {boost::system::in_place_error,
                "was made, but its folder cannot be synced: " + system_message(errno)};
    }
    return {};
}

[[nodiscard]] Done look_at(const fs::path& path)
{
    std::error_code ignored;
    const auto folder = path.parent_path();
    if (!fs::is_directory(folder, ignored)) {
        return {boost::system::in_place_error,
                "its folder does not exist; make it, or change the store's path"};
    }
    if (fs::is_directory(path, ignored)) {
        return {boost::system::in_place_error, "is a folder; name a file in it"};
    }
    return {};
}

[[nodiscard]] std::string sentence_for(const Failure& failure)
{
    if (failure.code() == SQLITE_NOTADB)
        return "is not a database; move it away, or change the path";
    if (failure.code() == SQLITE_BUSY) return "is locked by another program; stop that one";
    return std::string("cannot be opened: ") + failure.what();
}

/// What is true of a connection from now on. FULL: COMMIT returns after the log was synced.
void prepare_for_writing(Database& database)
{
    database.execute("PRAGMA synchronous = FULL");
    database.execute("PRAGMA foreign_keys = ON");
    database.execute("PRAGMA trusted_schema = OFF");
}

using Prepared = Result<Database, std::string>;

/// The connection that will write, to a file that is there, ours and up to date. Expects the lock
/// to be held.
[[nodiscard]] Prepared prepare_held(const fs::path& path)
{
    if (const auto made = make_if_missing(path); !made) {
        return Prepared(boost::system::in_place_error, made.error());
    }
    Database database(path.string(), 50ms);
    prepare_for_writing(database);
    if (const auto ready = bring_up_to_date(database); !ready) {
        return Prepared(boost::system::in_place_error, ready.error());
    }
    return Prepared(boost::system::in_place_value, std::move(database));
}

[[nodiscard]] Prepared prepare(const fs::path& path, const FileLock& lock)
{
    const auto held = lock.acquire(lock_patience);
    if (!held) return Prepared(boost::system::in_place_error, locked_by_another);
    return prepare_held(path);
}

[[nodiscard]] std::string opened_by(pid_t process)
{
    return "is used by process " + std::to_string(process) +
           "; stop that one, be it a gateway or a shell";
}

} // namespace

Result<std::unique_ptr<Store>, std::string> open(const fs::path& given, StoreRole role,
                                                 WriterLimits limits,
                                                 std::chrono::milliseconds poll,
                                                 FailureReport::Say on_failure, SessionHome* home)
{
    // Absolute: SQLite gives a meaning of its own to names such as ":memory:" and "".
    const auto path = fs::absolute(given);
    const auto fail = [&](const std::string& why) {
        return Opened(boost::system::in_place_error, path.string() + ": " + why);
    };
    if (const auto fine = look_at(path); !fine) return fail(fine.error());
    auto lock = FileLock::open(path.string());
    if (!lock) return Opened(boost::system::in_place_error, lock.error());
    try {
        auto database = prepare(path, *lock);
        if (!database) return fail(database.error());
        return Opened(std::make_unique<SqliteStore>(path.string(), std::move(*database),
                                                    std::move(*lock), role, limits, poll,
                                                    std::move(on_failure), home));
    } catch (const Failure& failure) {
        return fail(sentence_for(failure));
    }
}

Result<HeldDatabase, std::string> open_alone(const fs::path& given, WhenMissing when_missing)
{
    using Held = Result<HeldDatabase, std::string>;
    const auto path = fs::absolute(given);
    const auto fail = [&](const std::string& why) {
        return Held(boost::system::in_place_error, path.string() + ": " + why);
    };
    if (const auto fine = look_at(path); !fine) return fail(fine.error());
    const bool make = when_missing == WhenMissing::make;
    std::error_code ignored;
    if (!make && !fs::exists(path, ignored)) return fail("does not exist");
    auto lock = FileLock::open(path.string());
    if (!lock) return Held(boost::system::in_place_error, lock.error());
    auto held = lock->acquire(lock_patience);
    if (!held) return fail(locked_by_another);
    // From here on nobody opens it to write; who had opened it before is found now.
    const auto user = other_user_of(path.string(), user_patience);
    if (enforced("sqlite_store.copied_alone") && user) return fail(opened_by(*user));
    try {
        auto database = make ? prepare_held(path) : Prepared(Database(path.string(), 500ms));
        if (!database) return fail(database.error());
        return HeldDatabase{*std::move(lock), std::move(held), *std::move(database)};
    } catch (const Failure& failure) {
        return fail(sentence_for(failure));
    }
}

} // namespace gatehouse::auth::sqlite
