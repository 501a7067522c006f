#pragma once

#include "gateway/cache/answer_store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// Takes down an answer while it passes by. What is not whole at its end is forgotten.
class AnswerRecorder {
public:
    AnswerRecorder(AnswerStore& store, AnswerStore::Place place, std::shared_ptr<Flight> flight)
        : store_(store),
          place_(place),
          flight_(std::move(flight))
    {
    }

    /// Begins: `answer` has all but its body. false: there is no room for it.
    [[nodiscard]] bool begin(std::shared_ptr<StoredAnswer> answer, const Framing& framing,
                             std::uint64_t most);

    /// A piece of the body, which may be its last.
    void take(std::span<const char> piece, bool last) noexcept;

    /// Nothing came, or will.
    void end_without_body() noexcept;

    [[nodiscard]] bool is_kept() const noexcept { return kept_; }

private:
    void finish();

    AnswerStore& store_;
    const AnswerStore::Place place_;
    const std::shared_ptr<Flight> flight_;
    std::shared_ptr<StoredAnswer> answer_; // null: there is nothing to take down (any more)
    std::uint64_t most_ = 0;
    bool kept_ = false;
};

} // namespace gatehouse::gateway
