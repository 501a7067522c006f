#pragma once

#include "gateway/http/head.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Random identifiers for requests and traces: unique, not secret. One per worker.
class IdSource {
public:
    /// Seeded by the operating system.
    IdSource();

    [[nodiscard]] std::uint64_t next() noexcept; // never 0

private:
    std::array<std::uint64_t, 4> state_{};
};

/// The id of one request as text; a connection keeps one and renews it for each request.
class RequestId {
public:
    /// The trusted peer's own X-Request-Id if it is exactly one of `[A-Za-z0-9._:+/=-]{1,64}`,
    /// else 32 fresh hex digits.
    void choose(const RequestHead& head, bool peer_trusted, IdSource& ids) noexcept;
    /// 32 fresh hex digits: before a head was understood.
    void renew(IdSource& ids) noexcept;

    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, 64> text_{};
    std::size_t size_ = 0;
};

} // namespace gatehouse::gateway
