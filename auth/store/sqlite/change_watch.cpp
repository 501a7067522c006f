#include "auth/store/sqlite/change_watch.hpp"

#include <algorithm>

namespace gatehouse::auth::sqlite {

namespace {

constexpr std::string_view data_version = "PRAGMA data_version";

} // namespace

ChangeWatch::ChangeWatch(Database database, std::chrono::milliseconds poll, FailureReport& failures)
    : database_(std::move(database)),
      poll_(poll),
      failures_(failures),
      seen_version_(database_.integer(data_version))
{
}

Result<bool, StoreError> ChangeWatch::wait(std::chrono::milliseconds patience)
{
    const auto give_up = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    try {
        while (!stopped_) {
            if (const auto version = database_.integer(data_version); version != seen_version_) {
                seen_version_ = version;
                return true;
            }
            const auto now = std::chrono::steady_clock::now();
            if (now >= give_up) break;
            stopping_.wait_until(lock, std::min(now + poll_, give_up));
        }
        return false;
    } catch (const Failure& failure) {
        failures_.note(failure.what());
        return StoreError::unavailable;
    }
}

void ChangeWatch::stop() noexcept
{
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
}

} // namespace gatehouse::auth::sqlite
