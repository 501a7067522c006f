#pragma once

#include "auth/store/open_store.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

/// What every store promises, asked of every store: a suite derives from StoreContract and is
/// instantiated over `every_store`. A new kind of store joins by one more name there and one more
/// line in `open_kind`.
namespace gatehouse::auth::contract {

using namespace std::chrono_literals;

/// When these tests happen. Nothing in a store looks at a clock of its own.
inline constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};
inline constexpr std::chrono::seconds year = 365 * 24h;

/// The value, or an exception that fails the test and says what the store answered.
template <class T>
T must(Result<T, StoreError> result)
{
    if (!result) throw std::runtime_error("store said " + std::string(to_string(result.error())));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

using gatehouse::TemporaryFolder;

/// A store of this kind ("memory", "sqlite", "postgres", "pgbouncer"; "sqlite_and_redis" and
/// "postgres_and_redis" with the sessions in Redis; "redis": memory beside Redis, and
/// "redis_feed" with the feed that is there) that belongs to
/// `folder`: opening the same again gives another process's view of it, where it is not memory. It
/// waits for a busy machine and never gives up early.
[[nodiscard]] std::unique_ptr<Store> open_kind(std::string_view kind,
                                               const std::filesystem::path& folder,
                                               StoreRole role = StoreRole::gateway);

/// A user with this id and these names, which are taken to be folded already.
[[nodiscard]] User user_called(const std::string& id, std::optional<std::string> username = {},
                               std::optional<std::string> email = {});
/// A fresh login of that user at `noon`, good for a year.
[[nodiscard]] Session session_of(const std::string& user_id, const std::string& id);
/// Terms of a refresh at `now`, good for a year.
[[nodiscard]] RotationTerms refreshed(Millis now);

class StoreContract : public testing::TestWithParam<const char*> {
protected:
    StoreContract();

    void add_user(const std::string& id) const;
    void add_session(const std::string& user_id, const std::string& id,
                     Millis now = Millis{noon}) const;
    /// The kinds and subjects of all changes after `after`, as "session_ended s1".
    [[nodiscard]] std::vector<std::string> story(std::uint64_t after = 0) const;

    TemporaryFolder folder;
    std::unique_ptr<Store> store;
};

inline const auto every_store = testing::Values("memory", "sqlite", "postgres", "pgbouncer",
                                                "sqlite_and_redis", "postgres_and_redis");
/// With Redis beside memory, where both must say the same.
inline const auto every_session_store = testing::Values(
    "memory", "sqlite", "postgres", "pgbouncer", "sqlite_and_redis", "postgres_and_redis", "redis");
/// Those that forget sessions when they are told to. In Redis they expire by themselves.
inline const auto every_store_with_sessions =
    testing::Values("memory", "sqlite", "postgres", "pgbouncer");

/// Each kind of feed that tells how sessions end.
inline const auto every_feed =
    testing::Values("memory", "sqlite", "postgres", "pgbouncer", "redis_feed");

[[nodiscard]] inline std::string name_of(const testing::TestParamInfo<const char*>& info)
{
    return info.param;
}

} // namespace gatehouse::auth::contract
