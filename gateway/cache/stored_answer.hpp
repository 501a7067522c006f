#pragma once

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/vary.hpp"
#include "gateway/http/head.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Bytes that answers take, of those that are kept, read or sent: for all threads.
class CacheMemory {
public:
    void limit(std::uint64_t most) noexcept { most_.store(most, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t most() const noexcept
    {
        return most_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t used() const noexcept
    {
        return used_.load(std::memory_order_relaxed);
    }

    void add(std::uint64_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }

    void subtract(std::uint64_t bytes) noexcept
    {
        used_.fetch_sub(bytes, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> most_{0};
    std::atomic<std::uint64_t> used_{0};
};

/// A part of it, until it goes.
class CacheBytes {
public:
    CacheBytes() = default;

    explicit CacheBytes(std::shared_ptr<CacheMemory> memory) noexcept : memory_(std::move(memory))
    {
    }

    CacheBytes(CacheBytes&& other) noexcept
        : memory_(std::move(other.memory_)),
          bytes_(std::exchange(other.bytes_, 0))
    {
    }

    CacheBytes& operator=(CacheBytes&& other) noexcept
    {
        std::swap(memory_, other.memory_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    ~CacheBytes()
    {
        if (memory_) memory_->subtract(bytes_);
    }

    void set(std::uint64_t bytes) noexcept
    {
        if (!memory_) return;
        memory_->add(bytes);
        memory_->subtract(bytes_);
        bytes_ = bytes;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return bytes_; }

private:
    std::shared_ptr<CacheMemory> memory_;
    std::uint64_t bytes_ = 0;
};

/// An answer as it is kept: once it is, nobody changes it, so that whoever sends it needs no lock
/// and no copy. What a 304 says makes a new one of it, with the same body.
struct StoredAnswer {
    unsigned status = 0;
    std::string reason;
    std::vector<std::pair<std::string, std::string>> fields; // end-to-end, in their order

    struct Body {
        std::string bytes;
        CacheBytes counted;
    };

    std::shared_ptr<Body> body;
    Freshness freshness;
    Variation variation;
    CacheBytes counted; // but for the body

    /// The one value of a field, or "".
    [[nodiscard]] std::string_view only_value(std::string_view name) const noexcept;

    /// Without the body.
    [[nodiscard]] std::uint64_t bytes() const noexcept;

    /// Something to ask the upstream by whether it is still so.
    [[nodiscard]] bool has_validator() const noexcept
    {
        return !only_value("etag").empty() || !only_value("last-modified").empty();
    }
};

/// The fields of an answer that are kept: those of the connection are not, nor such as name
/// neither the answer nor its sender.  RFC 9111, 3.1
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
fields_to_keep(std::span<const Field> fields);

/// The fields of an answer after a 304 said what changed.  RFC 9111, 3.2
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
fields_updated(const std::vector<std::pair<std::string, std::string>>& stored,
               std::span<const Field> told);

/// Views of those fields.
[[nodiscard]] std::vector<Field>
views_of(const std::vector<std::pair<std::string, std::string>>& fields);

} // namespace gatehouse::gateway
