#pragma once

#include "auth/store/memory/memory_store.hpp"
#include "gateway/runtime/audit_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

using namespace std::chrono_literals;
using auth::SecurityEvent;
using auth::SecurityEventKind;

struct SetClock final : auth::Clock {
    [[nodiscard]] auth::Millis now() const noexcept override { return time; }

    auth::Millis time{1'800'000'000'000ms};
};

struct CountingLog final : auth::SecurityLog {
    void record(const SecurityEvent& event) noexcept override
    {
        ++events;
        if (event.kind == SecurityEventKind::audit_gap) last_gap = event.detail;
    }

    std::atomic<int> events{0};
    std::string last_gap;
};

struct MoodyStore final : auth::MemoryStore {
    Result<void, auth::StoreError> append_audit(std::span<const auth::AuditRecord> records) override
    {
        if (down) return auth::StoreError::unavailable;
        largest = std::max(largest, records.size());
        return MemoryStore::append_audit(records);
    }

    std::atomic<bool> down{false};
    std::size_t largest = 0;
};

class Auditing : public testing::Test {
protected:
    void refuse(int times = 1, std::string_view request = "r")
    {
        for (int i = 0; i < times; ++i) {
            book->record({SecurityEventKind::login, "invalid_credentials", "u1", "", "192.0.2.1",
                          request, clock.time});
        }
    }

    void open(config::AuditSettings with = {})
    {
        book.emplace(AuditBook::Rooms{store, clock, log}, with);
    }

    [[nodiscard]] std::vector<auth::AuditRecord> all()
    {
        return *store.read_audit({}, {}, 100'000);
    }

    [[nodiscard]] std::vector<std::string> gaps()
    {
        std::vector<std::string> said;
        for (const auto& record : *store.read_audit({.event = "audit_gap"}, {}, 100)) {
            said.push_back(record.detail);
        }
        return said;
    }

    MoodyStore store;
    SetClock clock;
    CountingLog log;
    std::optional<AuditBook> book;
};

} // namespace gatehouse::gateway
