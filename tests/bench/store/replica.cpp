#include "tests/bench/store/replica.hpp"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace gatehouse::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto token_life = 1h;

// A few logouts are under way at the same time: so many that are still allowed may stand before one
// that is refused.
constexpr std::size_t out_of_order = 64;

} // namespace

Replica::Replica(std::unique_ptr<auth::Store> store, const std::vector<auth::Id128>& sessions,
                 const auth::Clock& clock)
    : store_(std::move(store)),
      sessions_(sessions),
      follower_({*store_, revocations_, clock}, token_life, [] { return true; }),
      refused_(sessions.size())
{
    heard_.reserve(sessions.size());
    if (!follower_.catch_up()) {
        std::cerr << "a replica could not read what is ended already\n";
        std::exit(1);
    }
    thread_ = std::thread([this] { follow(); });
}

Replica::~Replica()
{
    stopping_ = true;
    store_->stop_waiting();
    thread_.join();
}

// As the gateway's listener does it.
void Replica::follow()
{
    while (!stopping_) {
        const bool went_well = follower_.hear().has_value();
        look();
        const bool waited = went_well && follower_.wait_for_more().has_value();
        if (const auto pause = follower_.rest_after(waited); pause > 0ms)
            std::this_thread::sleep_for(pause);
    }
}

void Replica::look()
{
    const auto now = Steady::now();
    std::size_t allowed = 0;
    for (auto i = first_allowed_; i < sessions_.size() && allowed < out_of_order; ++i) {
        if (refused_[i]) continue;
        if (!refuses(sessions_[i])) {
            ++allowed;
            continue;
        }
        refused_[i] = true;
        heard_.push_back({i, now});
    }
    while (first_allowed_ < sessions_.size() && refused_[first_allowed_]) ++first_allowed_;
    count_.store(heard_.size(), std::memory_order_release);
}

} // namespace gatehouse::bench
