#include "auth/revocation/confirmation.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

// News reach a replica in a few milliseconds, and its word comes back in as many.
constexpr std::chrono::milliseconds first_pause = 2ms;
constexpr std::chrono::milliseconds longest_pause = 20ms;

} // namespace

Confirmation::Confirmation(ReplicaBook& book, std::string own, std::chrono::milliseconds lease)
    : book_(book),
      own_(std::move(own)),
      lease_(lease)
{
}

void Confirmation::wait(Steady::time_point since)
{
    const auto end = since + 2 * lease_;
    std::optional<std::uint64_t> target; // the newest change there was when we first could ask
    Entries first;
    Steady::time_point first_look;
    for (auto pause = first_pause; Steady::now() < end;
         pause = std::min(pause * 3 / 2, longest_pause)) {
        const auto looked = Steady::now();
        if (const auto page = book_.replicas()) {
            if (!target) {
                target = page->newest;
                first = page->entries;
                first_look = looked;
            }
            const bool all_know = behind(*page, *target).empty();
            if (all_know || !enforced("confirmation.every_replica")) return;
        }
        std::this_thread::sleep_until(std::min(end, Steady::now() + pause));
    }
    // Only of those whom we saw silent for so long that they cannot serve.
    if (!target || Steady::now() - first_look < lease_ * 5 / 4) return;
    if (const auto page = book_.replicas()) {
        strike_out_the_silent(first, behind(*page, *target));
    }
}

Confirmation::Entries Confirmation::behind(const ReplicaBook::Page& page,
                                           std::uint64_t target) const
{
    Entries slow;
    std::ranges::copy_if(page.entries, std::back_inserter(slow), [&](const auto& entry) {
        return entry.applied < target && entry.replica != own_;
    });
    return slow;
}

void Confirmation::strike_out_the_silent(const Entries& first, const Entries& last)
{
    for (const auto& entry : last) {
        const bool silent = std::ranges::any_of(first, [&](const auto& then) {
            return then.replica == entry.replica && then.beat == entry.beat;
        });
        if (!silent) continue;
        [[maybe_unused]] const auto struck = book_.strike_out(entry.replica, entry.beat);
    }
}

} // namespace gatehouse::auth
