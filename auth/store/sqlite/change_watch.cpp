#include "auth/store/sqlite/change_watch.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth::sqlite {

namespace {

using namespace std::chrono_literals;

/// What is written is committed once it is synced. Who needs longer than this is heard by whoever
/// reads the feed without having been told.
constexpr auto longest_sync = 250ms;

} // namespace

ChangeWatch::ChangeWatch(Database database, std::chrono::milliseconds poll, FailureReport& failures)
    : database_(std::move(database)),
      poll_(poll),
      failures_(failures),
      seen_version_(database_.integer("PRAGMA data_version")),
      writes_(database_.log_file())
{
}

Result<bool, StoreError> ChangeWatch::wait(std::chrono::milliseconds patience)
{
    const auto give_up = Steady::now() + patience;
    try {
        while (!writes_.is_stopped()) {
            if (has_grown()) return true;
            if (Steady::now() >= give_up) break;
            rest_until(give_up);
        }
        return false;
    } catch (const Failure& failure) {
        failures_.note(failure.what());
        return StoreError::unavailable;
    }
}

bool ChangeWatch::has_grown()
{
    must_have_its_file();
    const auto version = database_.integer("PRAGMA data_version");
    return std::exchange(seen_version_, version) != version;
}

void ChangeWatch::must_have_its_file()
{
    database_.must_have_its_files();
}

/// Until it is time to ask again.
void ChangeWatch::rest_until(Steady::time_point give_up) noexcept
{
    const auto now = Steady::now();
    const auto until = [now](Steady::time_point moment) {
        return std::chrono::ceil<std::chrono::milliseconds>(moment - now);
    };
    if (writes_.is_deaf()) {
        writes_.rest(std::min(poll_, until(give_up)));
    } else if (now < busy_until_) {
        writes_.rest(std::min({poll_, until(busy_until_), until(give_up)}));
    } else if (writes_.wait(until(give_up))) {
        busy_until_ = Steady::now() + longest_sync;
    }
}

void ChangeWatch::stop() noexcept
{
    writes_.stop();
}

} // namespace gatehouse::auth::sqlite
