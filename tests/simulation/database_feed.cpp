// The feed, and what processes do for one another.
#include "tests/simulation/database.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using auth::Change;
using auth::ChangeKind;
using auth::MemoryStore;
using auth::Millis;
using auth::StoreError;

namespace {

/// A row that says nothing, in the place of one that says something.
void silence(Change& change)
{
    change.kind = ChangeKind::keys_changed;
    change.subject.clear();
}

} // namespace

bool Database::is_untold(const Change& change) const
{
    return untold_.contains(change.subject);
}

bool Database::hides(const Change& change) const
{
    if (bug_ != Bug::feed_shows_rows_late || change.sequence % 3 != 0) return false;
    const auto committed = committed_.find(change.sequence);
    return committed == committed_.end() || scheduler_.now() - committed->second < 200ms;
}

Result<std::vector<Change>, StoreError> Database::changes_after(std::uint64_t after,
                                                                std::size_t limit)
{
    auto page = MemoryStore::changes_after(after, limit);
    if (!page || bug_ == Bug::none) return page;
    std::erase_if(*page, [&](const Change& change) { return hides(change); });
    for (auto& change : *page) {
        const bool lost =
            strikes(Bug::feed_skips_a_row, 200) ||
            (bug_ == Bug::feed_lacks_logouts && change.kind == ChangeKind::session_ended) ||
            (bug_ == Bug::feed_lacks_unblocks && change.kind == ChangeKind::user_unblocked) ||
            (bug_ == Bug::feed_lacks_roles && change.kind == ChangeKind::roles_changed) ||
            is_untold(change);
        if (lost) silence(change);
    }
    if (bug_ == Bug::feed_swaps_block_and_free) {
        const auto is = [](ChangeKind kind) {
            return [kind](const Change& change) { return change.kind == kind; };
        };
        const auto block = std::ranges::find_if(*page, is(ChangeKind::user_blocked));
        const auto free = std::find_if(block, page->end(), is(ChangeKind::user_unblocked));
        if (free != page->end() && free->subject == block->subject) {
            std::swap(block->kind, free->kind);
        }
    }
    return page;
}

Result<auth::ChangeFeed::Standing, StoreError> Database::standing(Millis ended_after)
{
    auto standing = MemoryStore::standing(ended_after);
    if (!standing) return standing;
    if (bug_ == Bug::standing_misses_one && !standing->ended_sessions.empty()) {
        standing->ended_sessions.erase(standing->ended_sessions.begin() +
                                       random_.below(standing->ended_sessions.size()));
    }
    if (bug_ == Bug::standing_runs_ahead) ++standing->sequence;
    std::erase_if(standing->ended_sessions, [&](const auto& id) { return untold_.contains(id); });
    return standing;
}

// ---- what one process does for all ------------------------------------------------------------

std::optional<Database::Lease> Database::lease(std::string_view name)
{
    for (const auto& each : *list_leases()) {
        if (each.name == name) return each;
    }
    return std::nullopt;
}

Result<bool, StoreError> Database::take_lease(std::string_view name, std::string_view holder,
                                              Millis now, Millis until)
{
    const auto before = lease(name);
    if (before && strikes(Bug::lease_is_given_to_all)) {
        const auto freed = MemoryStore::give_up_lease(name, before->holder, now);
        if (!freed) return freed.error();
    }
    if (strikes(Bug::lease_never_ends)) until += 1h;
    const auto taken = MemoryStore::take_lease(name, holder, now, until);
    if (taken && *taken && before && before->holder != holder) {
        handovers_.push_back(
            {before->holder, std::string(holder), before->until, scheduler_.now()});
    }
    return taken;
}

Result<bool, StoreError> Database::replace_keys(std::string_view name, std::uint64_t expected,
                                                std::string_view bytes, Millis now)
{
    if (strikes(Bug::key_write_lost, 500)) return true;
    if (strikes(Bug::key_write_is_unconditional)) {
        const auto kept = MemoryStore::read_keys(name);
        if (kept && *kept) expected = (*kept)->version;
    }
    return MemoryStore::replace_keys(name, expected, bytes, now);
}

Result<auth::ReplicaBook::Page, StoreError> Database::replicas()
{
    auto page = MemoryStore::replicas();
    if (!page) return page;
    if (bug_ == Bug::book_shows_no_entries) page->entries.clear();
    if (bug_ == Bug::book_shows_an_old_number) {
        while (page->newest > 0 && scheduler_.now() - committed_[page->newest] < 1s) {
            --page->newest;
        }
    }
    return page;
}

} // namespace gatehouse::simulation
