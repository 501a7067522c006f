#include "auth/store/failure_report.hpp"

#include <exception>
#include <utility>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr auto pause = 1s;

} // namespace

void FailureReport::note(std::string_view why, Steady::time_point now) noexcept
{
    if (!say_) return;
    try {
        const std::scoped_lock lock(mutex_);
        if (said_at_ && now - *said_at_ < pause) {
            ++unsaid_;
            return;
        }
        said_at_ = now;
        say_(why, std::exchange(unsaid_, 0));
    } catch (const std::exception&) { // no memory for a line: the caller has its answer anyway
    }
}

} // namespace gatehouse::auth
