#include "tests/bench/store/replica.hpp"

#include "auth/basics/id.hpp"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace gatehouse::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto token_life = 1h;

} // namespace

/// The store's feed; remembers which sessions it has just told of.
class Replica::Ear final : public auth::ChangeFeed {
public:
    explicit Ear(auth::ChangeFeed& feed) : feed_(feed) {}

    [[nodiscard]] std::vector<std::string> take_told() { return std::exchange(told_, {}); }

    Result<std::vector<auth::Change>, auth::StoreError> changes_after(std::uint64_t after,
                                                                      std::size_t limit) override
    {
        auto changes = feed_.changes_after(after, limit);
        if (changes)
            for (const auto& change : *changes) told_.push_back(change.subject);
        return changes;
    }

    Result<void, auth::StoreError> announce_keys(auth::Millis now) override
    {
        return feed_.announce_keys(now);
    }

    Result<bool, auth::StoreError> wait_for_changes(std::chrono::milliseconds wait) override
    {
        return feed_.wait_for_changes(wait);
    }

    void stop_waiting() noexcept override { feed_.stop_waiting(); }

    Result<Standing, auth::StoreError> standing(auth::Millis ended_after) override
    {
        return feed_.standing(ended_after);
    }

private:
    auth::ChangeFeed& feed_;
    std::vector<std::string> told_;
};

Replica::Replica(std::unique_ptr<auth::Store> store, const Numbers& numbers,
                 const auth::Clock& clock)
    : store_(std::move(store)),
      numbers_(numbers),
      ear_(std::make_unique<Ear>(*store_)),
      follower_({*ear_, revocations_, clock}, token_life, [] { return true; })
{
    heard_.reserve(numbers.size());
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

bool Replica::refuses(const std::string& session) const
{
    const auto id = auth::Id128::parse(session);
    return id && revocations_.is_ended(*id);
}

// As the gateway's listener does it.
void Replica::follow()
{
    while (!stopping_) {
        const bool went_well = follower_.hear().has_value();
        const auto now = Steady::now();
        for (const auto& session : ear_->take_told()) {
            if (const auto found = numbers_.find(session); found != numbers_.end())
                heard_.push_back({found->second, now});
        }
        count_.store(heard_.size(), std::memory_order_release);
        const bool waited = went_well && follower_.wait_for_more().has_value();
        if (const auto pause = follower_.rest_after(waited); pause > 0ms)
            std::this_thread::sleep_for(pause);
    }
}

} // namespace gatehouse::bench
