#include "gateway/runtime/housekeeping.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {

namespace {

/// So much of each kind is forgotten in one transaction.
constexpr std::size_t piece = 500;

} // namespace

Housekeeping::Housekeeping(Rooms rooms, Terms terms)
    : rooms_(rooms),
      terms_(std::move(terms)),
      keep_audit_(terms_.keep_audit)
{
}

Housekeeping::~Housekeeping()
{
    stop();
}

void Housekeeping::start()
{
    thread_ = std::thread([this] { work(); });
}

void Housekeeping::work()
{
    while (!is_stopped()) {
        declare_terms();
        tidy();
        std::unique_lock lock(mutex_);
        stopping_.wait_for(lock, terms_.interval, [&] { return stopped_; });
    }
    note_used_api_keys();
    const auto now = rooms_.clock.now();
    rooms_.logout_terms.withdraw(now);
    if (now >= leased_until_) return;
    // Where the store does not answer the lease ends by itself.
    [[maybe_unused]] const auto given_up = rooms_.store.give_up_lease(lease, terms_.holder, now);
}

void Housekeeping::declare_terms()
{
    const auto now = rooms_.clock.now();
    const auto others = rooms_.logout_terms.declare(now, now + 3 * terms_.interval);
    if (!others) return; // the next time
    std::vector<std::string> names;
    for (const auto& other : *others) names.push_back(other.name);
    const bool is_news = names != std::exchange(others_, names);
    if (is_news && !names.empty() && terms_.on_disagreement) terms_.on_disagreement(*others);
}

void Housekeeping::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

bool Housekeeping::is_stopped()
{
    const std::scoped_lock lock(mutex_);
    return stopped_;
}

bool Housekeeping::take_lease()
{
    const auto now = rooms_.clock.now();
    const auto until = now + 3 * terms_.interval;
    const auto taken = rooms_.store.take_lease(lease, terms_.holder, now, until);
    leased_until_ = taken && *taken ? until : now;
    return now < leased_until_;
}

/// true: there may be more.
bool Housekeeping::forget_counts()
{
    auto* const counts = rooms_.store.shared_states();
    if (counts == nullptr) return false;
    const auto forgotten = counts->forget_old(piece);
    return forgotten && *forgotten;
}

bool Housekeeping::forget_some()
{
    const auto now = rooms_.clock.now();
    const auto rows = rooms_.store.forget_before(now - terms_.retention, piece);
    const auto records = rooms_.store.forget_audit_before(now - keep_audit_.load(), piece);
    const auto uncounted = forget_counts();
    return (rows && *rows) || (records && *records) || uncounted;
}

/// What a store that is away does not hear of is noted when the key is used again.
void Housekeeping::note_used_api_keys()
{
    if (rooms_.api_keys == nullptr) return;
    const auto ids = rooms_.api_keys->take_used();
    const auto now = rooms_.clock.seconds();
    for (std::span<const std::string> rest(ids); !rest.empty();) {
        const auto some = rest.first(std::min(piece, rest.size()));
        if (!rooms_.store.note_api_keys_used(some, now)) return;
        rest = rest.subspan(some.size());
    }
}

void Housekeeping::tidy()
{
    note_used_api_keys();
    rooms_.revocations.forget(rooms_.clock.seconds());
    if (rooms_.api_keys != nullptr) rooms_.api_keys->forget(rooms_.clock.seconds());
    bool more = take_lease();
    while (more && !is_stopped()) {
        more = forget_some();
        // Much to forget takes longer than the lease was taken for.
        if (more && rooms_.clock.now() + terms_.interval >= leased_until_) more = take_lease();
    }
}

} // namespace gatehouse::gateway
