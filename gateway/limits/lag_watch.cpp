#include "gateway/limits/lag_watch.hpp"

namespace gatehouse::gateway {

void LagWatch::look(Time late, Time limit, Time now) noexcept
{
    if (limit <= Time::zero()) {
        sheds_ = false;
        since_.reset();
        return;
    }
    const bool wants_change = sheds_ ? late < limit / 2 : late >= limit;
    if (!wants_change) return since_.reset();
    if (!since_) since_ = now;
    if (now - *since_ < for_so_long) return;
    sheds_ = !sheds_;
    since_.reset();
}

} // namespace gatehouse::gateway
