#pragma once

#include "gateway/pipeline/serve_cache_plan.hpp"

#include <functional>
#include <list>
#include <memory>

namespace gatehouse::gateway {

/// Requests that a worker makes by itself: it asks anew for kept answers that are stale, while
/// clients get those (RFC 5861). Each is the request of a client once more, on its behalf and as
/// it was judged: what it brings may only go to where what the client got came from. They keep to
/// all that requests of clients keep to at an upstream, and are the first to go.
class Revalidations {
public:
    /// A worker has no more of them at once. What is left out is asked for by whoever comes next.
    static constexpr std::size_t most = 32;

    /// `rooms` outlive this. `ended` is told of each that is over, and of what it was pinned to.
    Revalidations(Rooms& rooms, std::function<void(Generation&)> ended);
    Revalidations(const Revalidations&) = delete;
    Revalidations& operator=(const Revalidations&) = delete;
    ~Revalidations();

    /// Asks for `stale` as `asked` did, which got it from there. `flight` is what others see of
    /// it. false: not now, and `flight` is still the caller's.
    [[nodiscard]] bool begin(const Exchange& asked, const Found& stale,
                             const std::shared_ptr<Flight>& flight);

    /// Ends all of them.
    void stop() noexcept;

    [[nodiscard]] bool empty() const noexcept { return running_.empty(); }

private:
    struct Revalidation;

    [[nodiscard]] bool prepare(Revalidation& revalidation, const Exchange& asked,
                               const Found& stale);
    [[nodiscard]] bool admit(Exchange& exchange, const Exchange& asked);
    void send(Revalidation& revalidation);
    void end(Revalidation& revalidation) noexcept;

    Rooms& rooms_;
    const std::function<void(Generation&)> ended_;
    std::list<Revalidation> running_;
};

} // namespace gatehouse::gateway
