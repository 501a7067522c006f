#pragma once

#include "gateway/cache/answer_recorder.hpp"
#include "gateway/cache/cacheable.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// What the cache has to do with one request, while it runs. Whoever fetches for others and goes,
/// however, wakes them.
struct CachePlan {
    CachePlan(AnswerStore& answers, const config::RouteCacheSettings& route)
        : store(answers),
          settings(route)
    {
    }

    CachePlan(const CachePlan&) = delete;
    CachePlan& operator=(const CachePlan&) = delete;

    ~CachePlan() { land(); }

    AnswerStore& store;
    const config::RouteCacheSettings& settings; // of its generation, which the request pins
    std::optional<KeyedRequest> keyed{};
    CacheDirectives wanted{};
    std::vector<Field> conditions{}; // the client's own; views of its head
    bool takes_part = false;         // else it is forwarded, and leaves nothing behind
    bool records = false;            // the answer may be kept
    bool asks_anew = false;          // the upstream is asked whether `stored` is still so
    auth::Seconds asked_at{};
    std::shared_ptr<const StoredAnswer> stored{}; // stale; or the one that is being sent
    std::string etag{};                           // of the stale one,
    std::string last_modified{};
    std::string_view word{}; // for the log
    std::string status{};    // Cache-Status
    std::string age{};
    std::optional<AnswerRecorder> recorder{};

    /// Of whoever takes part.
    [[nodiscard]] const KeyedRequest& asked() const noexcept { return *keyed; }

    [[nodiscard]] AnswerStore::Place all() const { return {keyed->resource, keyed->for_all}; }

    [[nodiscard]] AnswerStore::Place own() const { return {keyed->resource, keyed->for_user}; }

    /// What this request fetches, and for whom.
    void fly(AnswerStore::Place place, std::shared_ptr<Flight> flight)
    {
        key_ = &place.key;
        flight_ = std::move(flight);
    }

    [[nodiscard]] const std::shared_ptr<Flight>& flight() const noexcept { return flight_; }

    /// Only whoever asked may have the answer: nobody else waits for it any longer.
    void fly_for_user();
    void land() noexcept;

private:
    const std::string* key_ = nullptr;
    std::shared_ptr<Flight> flight_;
};

} // namespace gatehouse::gateway
