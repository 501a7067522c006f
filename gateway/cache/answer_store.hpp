#pragma once

#include "config/settings/cache.hpp"
#include "gateway/cache/cache_purge.hpp"
#include "gateway/cache/flight.hpp"
#include "gateway/cache/stored_answer.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::gateway {

/// All answers that the process keeps, for all workers. A lock is held to find one or to put one
/// in its place, never while one is read or sent. What was asked for longest ago goes first when
/// there is no room; an answer that is still being sent counts until it is out.
class AnswerStore {
public:
    AnswerStore();
    AnswerStore(const AnswerStore&) = delete;
    AnswerStore& operator=(const AnswerStore&) = delete;

    /// What holds from now on. Everything is forgotten when `generation` is another one.
    void use(const config::CacheSettings& settings, std::uint64_t generation);

    /// Where an answer is looked for: KeyedRequest's resource, and one of its keys.
    struct Place {
        const std::string& resource;
        const std::string& key;
    };

    /// The answer that a request with these fields would get, of the last time.
    [[nodiscard]] std::shared_ptr<const StoredAnswer> find(const Place& place,
                                                           std::span<const Field> request);

    /// Puts it there unless `flight` is spoilt, or there is no room. false: it is not kept.
    bool keep(const Place& place, std::shared_ptr<StoredAnswer> answer, const Flight& flight);

    /// What is kept there is forgotten.
    void forget(const Place& place);

    /// Answers of that place are for nobody else, so until then nobody is to wait for one.
    void pass(const Place& place, auth::Seconds until);
    [[nodiscard]] bool is_passed(const Place& place, auth::Seconds now);

    /// All that is kept of a resource is forgotten, and what is being fetched of it is not kept.
    /// Returns how many there were.
    std::size_t invalidate(const std::string& resource);

    /// The same of all resources and keys that `what` covers; with more than a few of them others
    /// come in between. Whatever was kept or under way when it began is gone when it ends. Returns
    /// how many answers there were.
    std::size_t purge(const CachePurge& what);

    struct Boarding {
        std::shared_ptr<Flight> flight;
        bool leads = false; // it was the first, and has to end it
    };

    /// Joins those who want what is fetched for that place just now, or begins to fetch.
    [[nodiscard]] Boarding board(const Place& place);
    /// A fetch that nobody waits for.
    [[nodiscard]] std::shared_ptr<Flight> fly_alone(const Place& place);
    void land(const Place& place, const std::shared_ptr<Flight>& flight) noexcept;

    /// Counted for as long as an answer is being read; false: there is no room for so much.
    [[nodiscard]] bool make_room(CacheBytes& counted, std::uint64_t bytes);

    [[nodiscard]] CacheBytes count_bytes() const { return CacheBytes(memory_); }

    struct Figures {
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0;
        std::uint64_t evictions = 0;
    };

    [[nodiscard]] Figures figures();

private:
    struct Entry;
    using Entries = std::list<Entry>; // the last asked for in front

    struct Resource {
        std::unordered_map<std::string, std::vector<Entries::iterator>> entries; // by key
        std::unordered_map<std::string, std::shared_ptr<Flight>> shared;         // by key
        std::vector<std::shared_ptr<Flight>> alone;

        [[nodiscard]] bool empty() const noexcept
        {
            return entries.empty() && shared.empty() && alone.empty();
        }
    };

    struct Entry {
        std::string resource;
        std::string key;
        std::shared_ptr<const StoredAnswer> answer; // null: passed
        auth::Seconds passed_until{};
        CacheBytes counted;
    };

    // With mutex_ held:
    [[nodiscard]] std::vector<Entries::iterator>* entries_of(const Place& place);
    [[nodiscard]] bool fits_after_evictions(std::uint64_t more);
    void put(const Place& place, Entry entry);
    void remove(Entries::iterator entry);
    [[nodiscard]] std::size_t purge(const std::string& resource, const CachePurge& what);

    const std::shared_ptr<CacheMemory> memory_;
    std::mutex mutex_;
    std::uint64_t generation_ = 0;
    std::uint32_t most_entries_ = 0;
    std::uint64_t evictions_ = 0;
    Entries entries_;
    std::unordered_map<std::string, Resource> resources_;
};

} // namespace gatehouse::gateway
