#include "gateway/net/turn.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

// More than a busy worker takes for a request, and less than the sender of one takes to read the
// answer and ask again.
constexpr auto close_behind = 20us;

} // namespace

bool Turn::is_close_behind(Time now) noexcept
{
    return now - std::exchange(last_, now) < close_behind;
}

void Turn::send_at_end(Place& place, Wakeable& whom)
{
    // What is posted runs behind all that the loop has found ready.
    if (row_.empty()) asio::post(io_, [this] { end(); });
    place.unlink();
    place.whom_ = &whom;
    row_.push_back(place);
}

void Turn::end() noexcept
{
    Row row;
    row.swap(row_); // who lines up from now on means the next turn
    for (auto next = row.begin(); next != row.end();) {
        auto& place = *next++;
        if (!place.send()) place.unlink();
    }
    while (!row.empty()) {
        auto& place = row.front();
        row.pop_front();
        place.whom_->wake();
    }
}

} // namespace gatehouse::gateway
