#pragma once

#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <memory>

namespace gatehouse::gateway {

// How a request begins to deal with what is kept. For serve_from_cache() and revalidations.

/// Makes exchange.caching. false: it has nothing to do with what is kept.
[[nodiscard]] bool make_plan(Exchange& exchange, Rooms& rooms);

struct Found {
    std::shared_ptr<const StoredAnswer> answer;
    Fresh fresh = Fresh::no;
    bool is_own = false; // of whoever asks, and nobody else's

    [[nodiscard]] bool is_good() const noexcept { return answer && fresh == Fresh::yes; }
};

/// What there is for everybody comes first; what is fresh comes before what is not.
[[nodiscard]] Found look(const CachePlan& plan, auth::Seconds now);

/// It is going to be forwarded. Of what is stale the upstream is asked whether it is still so.
void prepare_fetch(Exchange& exchange, Rooms& rooms, std::shared_ptr<const StoredAnswer> stale);

} // namespace gatehouse::gateway
