#pragma once

#include "gateway/net/wakeable.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::gateway {

class EndpointPool;

/// The workers' pools of one endpoint, as those see each other who may make no more connections:
/// somebody else may keep an idle one and close it. Asked at that limit alone (decision 69).
class SparePlaces : public std::enable_shared_from_this<SparePlaces> {
public:
    /// What somebody asks for, from there until the answer or until nobody waits for it.
    class Wish {
    public:
        explicit Wish(Wakeable& whom) noexcept : whom_(&whom) {}

        /// On the thread of who asks:
        [[nodiscard]] bool is_answered() const noexcept { return answered_; }

        /// A connection was closed. Others may have taken its place.
        [[nodiscard]] bool is_met() const noexcept { return met_.load(std::memory_order_relaxed); }

        void forget() noexcept { whom_ = nullptr; }

    private:
        friend class SparePlaces;

        Wakeable* whom_;
        bool answered_ = false;
        std::atomic<bool> met_{false};
        std::atomic<std::uint32_t> unheard_{0}; // who has not looked yet
    };

    /// `pool` lives on the thread that runs `loop`, where both functions are called.
    void join(EndpointPool& pool, boost::asio::io_context& loop);
    void leave(const EndpointPool& pool) noexcept;

    /// Asks the others that show an idle connection; the first who still has one closes it, and
    /// `whom` is woken. Null: nobody has one.
    [[nodiscard]] std::shared_ptr<Wish> ask(const EndpointPool& asker, Wakeable& whom);

private:
    struct Member {
        EndpointPool* pool = nullptr;
        boost::asio::io_context* loop = nullptr;

        friend bool operator==(const Member&, const Member&) = default;
    };

    void look(const Member& asked, const Member& asker, const std::shared_ptr<Wish>& wish);
    void answer(const Member& asker, const std::shared_ptr<Wish>& wish);
    [[nodiscard]] bool is_here(const Member& member);

    std::mutex mutex_;
    std::vector<Member> members_;
};

} // namespace gatehouse::gateway
