#pragma once

#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/store/audit_trail.hpp"
#include "auth/throttle/limits.hpp"
#include "config/settings/audit.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// Hears every security event, passes it on to the log, and keeps a record of those that left none
/// in the store yet: refusals above all. A refused client does not wait for its record: records are
/// collected and written together, on a thread of their own.
///
/// There are at most so many refusals a minute and so many records in memory. What comes beyond is
/// counted, and once a minute a record says how many were not kept.
class AuditBook final : public auth::SecurityLog {
public:
    struct Rooms {
        auth::AuditTrail& trail;
        const auth::Clock& clock;
        auth::SecurityLog& log;
    };

    /// Those that wait, also while the store is away.
    static constexpr std::size_t most_waiting = 4096;
    /// So many are written in one transaction.
    static constexpr std::size_t piece = 256;

    /// All of them outlive the book.
    AuditBook(Rooms rooms, const config::AuditSettings& settings);
    AuditBook(const AuditBook&) = delete;
    AuditBook& operator=(const AuditBook&) = delete;
    ~AuditBook() override;

    /// By these settings from now on.
    void use(const config::AuditSettings& settings);

    void record(const auth::SecurityEvent& event) noexcept override;

    /// Writes what was collected every `interval` until stop(), which writes what is left.
    void start(std::chrono::milliseconds interval = std::chrono::milliseconds(500));
    void stop() noexcept;

    /// Writes what was collected. What the store does not take now waits for the next time.
    void write();

    /// Events without a record, since the start.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    void collect(const auth::SecurityEvent& event);
    [[nodiscard]] bool has_room_for(const auth::SecurityEvent& event);
    [[nodiscard]] std::vector<auth::AuditRecord> next_piece();
    void say_what_is_missing();

    Rooms rooms_;
    std::atomic<bool> logs_;
    std::atomic<bool> stores_;

    std::mutex mutex_;
    auth::BucketLimit refusals_;
    auth::BucketState taken_;
    std::vector<auth::AuditRecord> waiting_;
    std::optional<auth::Millis> gap_said_at_;
    std::uint64_t unsaid_ = 0; // dropped since a record last said so
    std::atomic<std::uint64_t> dropped_{0};

    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
