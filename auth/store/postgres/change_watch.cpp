#include "auth/store/postgres/change_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

// Where notifications come, asking is only there to find out that the connection is dead.
constexpr auto slow_poll = 1000ms;

// So long a stop may have to wait for a connection that is being made.
constexpr auto connect_slice = 100ms;

} // namespace

ChangeWatch::ChangeWatch(Pool& pool, Pool* direct, std::chrono::milliseconds poll)
    : pool_(pool),
      direct_(direct),
      poll_(poll),
      stop_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (stop_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

ChangeWatch::~ChangeWatch()
{
    ::close(stop_event_);
}

Result<bool, StoreError> ChangeWatch::wait(std::chrono::milliseconds patience)
{
    const auto give_up = Pool::Steady::now() + patience;
    try {
        while (!stopped_) {
            if (!connect(give_up)) {
                if (stopped_) break;
                return StoreError::unavailable;
            }
            if (has_grown()) return true;
            const auto now = Pool::Steady::now();
            if (now >= give_up) break;
            sleep_until(std::min(now + (hears_ ? slow_poll : poll_), give_up));
        }
        return false;
    } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::read_only) line_->distrust();
        line_.reset();
        return StoreError::unavailable;
    }
}

Pool& ChangeWatch::way() const
{
    return direct_ != nullptr && !direct_->is_down() ? *direct_ : pool_;
}

bool ChangeWatch::connect(Pool::Steady::time_point give_up)
{
    Pool& way = this->way();
    if (line_ && (line_of_ != &way || line_->is_outdated())) line_.reset();
    if (line_) return true;
    line_of_ = &way;
    const auto patience = std::max(give_up, Pool::Steady::now() + connect_slice);
    while (!stopped_ && !line_) {
        const auto now = Pool::Steady::now();
        line_.emplace(way, std::min(now + connect_slice, patience));
        if (*line_) break;
        line_.reset();
        if (way.is_down() || now >= patience) return false;
    }
    if (stopped_) return false;
    begin_to_listen();
    return true;
}

void ChangeWatch::begin_to_listen()
{
    hears_ = false;
    if ((**line_).is_pooled()) return; // LISTEN would be forgotten with the transaction
    line_->watch_until(Pool::Steady::now() + pool_.patience());
    try {
        (**line_).execute(std::string("LISTEN ") + channel);
        hears_ = true;
    } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::lost) throw;
        // A server that speaks SQL but not LISTEN.
    }
}

bool ChangeWatch::has_grown()
{
    auto& connection = **line_;
    line_->watch_until(Pool::Steady::now() + pool_.patience());
    std::int64_t last = seen_;
    do {
        auto row = connection.query(
            "SELECT last, current_setting('transaction_read_only', true) FROM gatehouse.feed");
        if (!row.next()) break;
        last = row.integer(0);
        // Others may write elsewhere by now, and this server would never hear of it.
        if (row.text(1) == "on") throw Failure(Failure::Kind::read_only, "takes no writes");
        // What came together with the answer may be newer than the answer, and poll(2) no longer
        // sees it.
    } while (connection.take_notifications() && last == seen_);
    line_->stop_watching();
    return std::exchange(seen_, last) != last;
}

void ChangeWatch::sleep_until(Pool::Steady::time_point moment) const
{
    pollfd sources[] = {
        {.fd = stop_event_,        .events = POLLIN, .revents = 0},
        {.fd = (**line_).socket(), .events = POLLIN, .revents = 0}
    };
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment - Pool::Steady::now());
    // Whatever ends it, the loop looks again.
    static_cast<void>(
        ::poll(sources, 2, static_cast<int>(std::max<std::int64_t>(0, left.count()))));
}

void ChangeWatch::stop() noexcept
{
    stopped_ = true;
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_event_, &one, sizeof one)); // never read: it stays ready
}

} // namespace gatehouse::auth::postgres
