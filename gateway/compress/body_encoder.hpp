#pragma once

#include "config/settings/compression.hpp"
#include "gateway/compress/content_coding.hpp"
#include "gateway/compress/encoder_memory.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {

/// Packs one body, piece by piece. What it takes is bounded by its coding, whatever comes: see
/// encoder_bytes().
class BodyEncoder {
public:
    enum class Step : std::uint8_t {
        more,  // it may keep back what it will
        flush, // all that was taken can be read at the other end
        finish // that was all
    };

    /// No more than this at once: then what comes out has a bound too.
    static constexpr std::size_t most_at_once = 64 * std::size_t{1024};

    BodyEncoder(const BodyEncoder&) = delete;
    BodyEncoder& operator=(const BodyEncoder&) = delete;
    virtual ~BodyEncoder() = default;

    /// The packed bytes, valid until the next call; perhaps none. Nothing: it has failed, and the
    /// body can only be cut off.
    [[nodiscard]] std::optional<std::string_view> take(std::span<const char> data, Step step);

    /// It has taken what nobody can read yet.
    [[nodiscard]] bool holds_back() const noexcept { return holds_back_; }

    [[nodiscard]] std::uint64_t bytes_in() const noexcept { return bytes_in_; }

    [[nodiscard]] std::uint64_t bytes_out() const noexcept { return bytes_out_; }

protected:
    explicit BodyEncoder(EncoderMemory::Share share) noexcept : share_(std::move(share)) {}

    /// What was used of `in` and written to `out` by one call. `done`: the step is.
    struct Packed {
        std::size_t taken = 0;
        std::size_t written = 0;
        bool done = false;
    };

    [[nodiscard]] virtual std::optional<Packed> pack(std::span<const char> in, std::span<char> out,
                                                     Step step) = 0;

private:
    EncoderMemory::Share share_;
    std::string out_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    bool holds_back_ = false;
};

/// What an encoder takes at most, with the piece that it has made.
[[nodiscard]] std::uint64_t encoder_bytes(ContentCoding coding,
                                          config::CompressionLevel level) noexcept;

/// Null: the library has no memory for it.
[[nodiscard]] std::unique_ptr<BodyEncoder>
make_encoder(ContentCoding coding, config::CompressionLevel level, EncoderMemory::Share share);

} // namespace gatehouse::gateway
