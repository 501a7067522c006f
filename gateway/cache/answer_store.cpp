#include "gateway/cache/answer_store.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Of one place: more ways to vary than this are asked for by nobody who means well.
constexpr std::size_t most_variants = 32;

/// What an entry takes besides what can be counted: nodes of lists and maps.
constexpr std::uint64_t overhead = 512;

} // namespace

AnswerStore::AnswerStore() : memory_(std::make_shared<CacheMemory>()) {}

void AnswerStore::use(const config::CacheSettings& settings, std::uint64_t generation)
{
    const std::scoped_lock lock(mutex_);
    if (std::exchange(generation_, generation) == generation) return;
    memory_->limit(settings.memory_bytes);
    most_entries_ = settings.entries;
    for (auto& [name, resource] : resources_) {
        for (const auto& [key, flight] : resource.shared) flight->spoil();
        for (const auto& flight : resource.alone) flight->spoil();
        resource.entries.clear();
    }
    entries_.clear();
    std::erase_if(resources_, [](const auto& each) { return each.second.empty(); });
}

std::vector<AnswerStore::Entries::iterator>* AnswerStore::entries_of(const Place& place)
{
    const auto resource = resources_.find(place.resource);
    if (resource == resources_.end()) return nullptr;
    const auto entries = resource->second.entries.find(place.key);
    return entries == resource->second.entries.end() ? nullptr : &entries->second;
}

std::shared_ptr<const StoredAnswer> AnswerStore::find(const Place& place,
                                                      std::span<const Field> request)
{
    const std::scoped_lock lock(mutex_);
    const auto* const entries = entries_of(place);
    if (entries == nullptr) return nullptr;
    // The newest is the last.
    for (auto it = entries->rbegin(); it != entries->rend(); ++it) {
        const auto& answer = (*it)->answer;
        if (!answer || (enforced("cache.vary") && !answer->variation.fits(request))) continue;
        entries_.splice(entries_.begin(), entries_, *it);
        return answer;
    }
    return nullptr;
}

bool AnswerStore::fits_after_evictions(std::uint64_t more)
{
    const auto fits = [&] {
        return memory_->used() + more <= memory_->most() || !enforced("cache.memory");
    };
    while (!entries_.empty() && (!fits() || entries_.size() >= most_entries_)) {
        ++evictions_;
        remove(std::prev(entries_.end()));
    }
    return fits();
}

void AnswerStore::put(const Place& place, Entry entry)
{
    auto& entries = resources_[place.resource].entries[place.key];
    entries_.push_front(std::move(entry));
    entries.push_back(entries_.begin());
}

bool AnswerStore::keep(const Place& place, std::shared_ptr<StoredAnswer> answer,
                       const Flight& flight)
{
    Entry entry{place.resource, place.key, nullptr, {}, CacheBytes(memory_)};
    const auto bytes = answer->bytes() + place.resource.size() + place.key.size() + overhead;
    const std::scoped_lock lock(mutex_);
    if (enforced("cache.spoilt") && flight.is_spoilt()) return false;
    if (auto* const others = entries_of(place)) {
        // What it takes the place of, and that nobody has to wait for it.
        auto copies = *others;
        std::erase_if(copies, [&](const auto& other) {
            return other->answer && other->answer->variation != answer->variation;
        });
        if (copies.empty() && others->size() >= most_variants) copies.push_back(others->front());
        for (const auto& other : copies) remove(other);
    }
    if (!fits_after_evictions(bytes)) return false;
    entry.counted.set(bytes);
    entry.answer = std::move(answer);
    put(place, std::move(entry));
    return true;
}

void AnswerStore::forget(const Place& place)
{
    const std::scoped_lock lock(mutex_);
    if (auto* const entries = entries_of(place)) {
        for (const auto& entry : std::vector(*entries)) remove(entry);
    }
}

void AnswerStore::pass(const Place& place, auth::Seconds until)
{
    Entry entry{place.resource, place.key, nullptr, until, CacheBytes(memory_)};
    const auto bytes = place.resource.size() + place.key.size() + overhead;
    const std::scoped_lock lock(mutex_);
    if (auto* const entries = entries_of(place)) {
        const auto passed =
            std::ranges::find_if(*entries, [](const auto& each) { return !each->answer; });
        if (passed != entries->end()) {
            (*passed)->passed_until = until;
            return;
        }
    }
    if (!fits_after_evictions(bytes)) return;
    entry.counted.set(bytes);
    put(place, std::move(entry));
}

bool AnswerStore::is_passed(const Place& place, auth::Seconds now)
{
    const std::scoped_lock lock(mutex_);
    const auto* const entries = entries_of(place);
    return entries != nullptr && std::ranges::any_of(*entries, [&](const auto& entry) {
               return !entry->answer && now < entry->passed_until;
           });
}

void AnswerStore::remove(Entries::iterator entry)
{
    const auto resource = resources_.find(entry->resource);
    if (resource != resources_.end()) {
        const auto entries = resource->second.entries.find(entry->key);
        if (entries != resource->second.entries.end()) {
            std::erase(entries->second, entry);
            if (entries->second.empty()) resource->second.entries.erase(entries);
        }
        if (resource->second.empty()) resources_.erase(resource);
    }
    entries_.erase(entry);
}

std::size_t AnswerStore::invalidate(const std::string& name)
{
    const std::scoped_lock lock(mutex_);
    const auto found = resources_.find(name);
    if (found == resources_.end()) return 0;
    auto& resource = found->second;
    for (const auto& [key, flight] : resource.shared) flight->spoil();
    for (const auto& flight : resource.alone) flight->spoil();
    std::vector<Entries::iterator> all;
    for (const auto& [key, entries] : resource.entries)
        all.insert(all.end(), entries.begin(), entries.end());
    for (const auto& entry : all) remove(entry);
    return all.size();
}

/// Slices, because everybody waits for the lock. What joins meanwhile was asked for later; in a
/// table that has grown meanwhile everything may stand elsewhere, and is looked through anew.
std::size_t AnswerStore::purge(const CachePurge& what)
{
    constexpr std::size_t slice = 256;
    std::size_t gone = 0;
    std::size_t next = 0;
    std::size_t buckets = 0;
    do {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(buckets, resources_.bucket_count()) != resources_.bucket_count())
            next = 0;
        std::vector<std::string> covered;
        for (const auto end = std::min(next + slice, buckets); next < end; ++next) {
            for (auto each = resources_.begin(next); each != resources_.end(next); ++each) {
                if (what.covers_resource(each->first)) covered.push_back(each->first);
            }
        }
        for (const auto& name : covered) gone += purge(name, what);
    } while (next < buckets);
    return gone;
}

std::size_t AnswerStore::purge(const std::string& name, const CachePurge& what)
{
    auto& resource = resources_.at(name);
    for (const auto& [key, flight] : resource.shared) {
        if (what.covers_key(key)) flight->spoil();
    }
    // Of which route they are is not known, and what is not kept is fetched once more.
    for (const auto& flight : resource.alone) flight->spoil();
    std::vector<Entries::iterator> all;
    for (const auto& [key, entries] : resource.entries) {
        if (what.covers_key(key)) all.insert(all.end(), entries.begin(), entries.end());
    }
    const auto answers =
        std::ranges::count_if(all, [](const auto& entry) { return entry->answer != nullptr; });
    for (const auto& entry : all) remove(entry);
    return static_cast<std::size_t>(answers);
}

AnswerStore::Boarding AnswerStore::board(const Place& place)
{
    const std::scoped_lock lock(mutex_);
    auto& flight = resources_[place.resource].shared[place.key];
    if (flight) return {flight, false};
    flight = std::make_shared<Flight>();
    return {flight, true};
}

std::shared_ptr<Flight> AnswerStore::fly_alone(const Place& place)
{
    auto flight = std::make_shared<Flight>();
    const std::scoped_lock lock(mutex_);
    resources_[place.resource].alone.push_back(flight);
    return flight;
}

void AnswerStore::land(const Place& place, const std::shared_ptr<Flight>& flight) noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        const auto resource = resources_.find(place.resource);
        if (resource != resources_.end()) {
            std::erase(resource->second.alone, flight);
            const auto shared = resource->second.shared.find(place.key);
            if (shared != resource->second.shared.end() && shared->second == flight)
                resource->second.shared.erase(shared);
            if (resource->second.empty()) resources_.erase(resource);
        }
    }
    flight->end();
}

bool AnswerStore::make_room(CacheBytes& counted, std::uint64_t bytes)
{
    if (bytes <= counted.count()) return true;
    const std::scoped_lock lock(mutex_);
    if (!fits_after_evictions(bytes - counted.count())) return false;
    counted.set(bytes);
    return true;
}

AnswerStore::Figures AnswerStore::figures()
{
    const std::scoped_lock lock(mutex_);
    return {memory_->used(), entries_.size(), evictions_};
}

} // namespace gatehouse::gateway
