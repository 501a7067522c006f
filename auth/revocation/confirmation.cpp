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

/// What one wait has seen of one book.
struct Confirmation::Watch {
    explicit Watch(const Place& watched) : place(&watched) {}

    const Place* place;
    std::optional<std::uint64_t> target; // the newest change there was when we first could ask
    Entries first;
    Steady::time_point first_look;
};

Confirmation::Confirmation(std::vector<Place> places, std::chrono::milliseconds lease)
    : places_(std::move(places)),
      lease_(lease)
{
}

void Confirmation::wait(Steady::time_point since)
{
    const auto end = since + 2 * lease_;
    std::vector<Watch> open(places_.begin(), places_.end());
    for (auto pause = first_pause; Steady::now() < end;
         pause = std::min(pause * 3 / 2, longest_pause)) {
        std::erase_if(open, all_know);
        if (open.empty()) return;
        std::this_thread::sleep_until(std::min(end, Steady::now() + pause));
    }
    for (const auto& watch : open) strike_out_the_silent(watch);
}

bool Confirmation::all_know(Watch& watch)
{
    const auto looked = Steady::now();
    const auto page = watch.place->book.replicas();
    if (!page) return false;
    if (!watch.target) {
        watch.target = page->newest;
        watch.first = page->entries;
        watch.first_look = looked;
    }
    return behind(watch, *page).empty() || !enforced("confirmation.every_replica");
}

Confirmation::Entries Confirmation::behind(const Watch& watch, const ReplicaBook::Page& page)
{
    Entries slow;
    std::ranges::copy_if(page.entries, std::back_inserter(slow),
                         [&](const auto& entry) { return entry.applied < watch.target; });
    return slow;
}

void Confirmation::strike_out_the_silent(const Watch& watch) const
{
    // Only those whom we saw silent for so long that they cannot serve.
    if (!watch.target || Steady::now() - watch.first_look < lease_ * 5 / 4) return;
    auto& book = watch.place->book;
    const auto page = book.replicas();
    if (!page) return;
    for (const auto& entry : behind(watch, *page)) {
        if (entry.replica == watch.place->own) continue; // it lives
        const bool silent = std::ranges::any_of(watch.first, [&](const auto& then) {
            return then.replica == entry.replica && then.beat == entry.beat;
        });
        if (!silent) continue;
        [[maybe_unused]] const auto struck = book.strike_out(entry.replica, entry.beat);
    }
}

} // namespace gatehouse::auth
