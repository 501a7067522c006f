#pragma once

#include "auth/sessions/seen_pairs.hpp"
#include "auth/store/store.hpp"

#include <thread>

namespace gatehouse::gateway {

/// Carries to the store which pairs were seen in use, at once and many in one transaction, on a
/// thread of its own. What the store does not take now is said again.
class SeenWriter {
public:
    /// So many in one transaction.
    static constexpr std::size_t piece = 256;

    /// Both outlive the writer.
    SeenWriter(auth::SeenPairs& pairs, auth::SessionStore& store) : pairs_(pairs), store_(store) {}

    SeenWriter(const SeenWriter&) = delete;
    SeenWriter& operator=(const SeenWriter&) = delete;

    ~SeenWriter() { stop(); }

    void start();
    /// Writes what is left, if the store takes it.
    void stop() noexcept;

    enum class Outcome { all, some, nothing };

    /// Once, on the calling thread; the rest of the class does nothing else.
    [[nodiscard]] Outcome write(std::span<const auth::SeenGeneration> seen);

private:
    void run();

    auth::SeenPairs& pairs_;
    auth::SessionStore& store_;
    std::thread thread_;
};

} // namespace gatehouse::gateway
