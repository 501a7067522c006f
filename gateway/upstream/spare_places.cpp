#include "gateway/upstream/spare_places.hpp"

#include "gateway/upstream/endpoint_pool.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace gatehouse::gateway {

void SparePlaces::join(EndpointPool& pool, boost::asio::io_context& loop)
{
    const std::scoped_lock lock(mutex_);
    members_.push_back({&pool, &loop});
}

void SparePlaces::leave(const EndpointPool& pool) noexcept
{
    const std::scoped_lock lock(mutex_);
    std::erase_if(members_, [&](const Member& member) { return member.pool == &pool; });
}

std::shared_ptr<SparePlaces::Wish> SparePlaces::ask(const EndpointPool& asker, Wakeable& whom)
{
    const std::scoped_lock lock(mutex_);
    const auto asking = std::ranges::find(members_, &asker, &Member::pool);
    std::vector<Member> asked;
    std::ranges::copy_if(members_, std::back_inserter(asked), [&](const Member& member) {
        return member.pool != &asker && member.pool->shows_idle();
    });
    if (asking == members_.end() || asked.empty()) return nullptr;

    auto wish = std::make_shared<Wish>(whom);
    wish->unheard_ = static_cast<std::uint32_t>(asked.size());
    for (const auto& member : asked) {
        boost::asio::post(*member.loop, [self = shared_from_this(), member, who = *asking, wish] {
            self->look(member, who, wish);
        });
    }
    return wish;
}

/// On the thread of `asked`.
void SparePlaces::look(const Member& asked, const Member& asker, const std::shared_ptr<Wish>& wish)
{
    // It leaves on this thread, so who is still here stays for now.
    const bool has_one = is_here(asked) && asked.pool->idle() != 0;
    const bool closes = has_one && !wish->met_.exchange(true);
    if (closes) (void)asked.pool->close_oldest();
    const bool is_last = wish->unheard_.fetch_sub(1) == 1;
    if (closes || (is_last && !wish->is_met())) answer(asker, wish);
}

void SparePlaces::answer(const Member& asker, const std::shared_ptr<Wish>& wish)
{
    const std::scoped_lock lock(mutex_); // its loop lasts as long as it is a member
    if (std::ranges::find(members_, asker) == members_.end()) return;
    boost::asio::post(*asker.loop, [wish] {
        wish->answered_ = true;
        if (wish->whom_ != nullptr) wish->whom_->wake();
    });
}

bool SparePlaces::is_here(const Member& member)
{
    const std::scoped_lock lock(mutex_);
    return std::ranges::find(members_, member) != members_.end();
}

} // namespace gatehouse::gateway
