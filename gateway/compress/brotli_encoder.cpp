#include "gateway/compress/encoders.hpp"

#include <brotli/encode.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::uint32_t window_bits = 16;
constexpr std::uint32_t block_bits = 16; // how much is gathered before it is written

std::uint32_t level_of(config::CompressionLevel level) noexcept
{
    switch (level) {
    case config::CompressionLevel::low:
        return 2;
    case config::CompressionLevel::medium:
        return 4;
    case config::CompressionLevel::high:
        return 6;
    }
    return 2;
}

struct DestroyState {
    void operator()(BrotliEncoderState* state) const noexcept
    {
        ::BrotliEncoderDestroyInstance(state);
    }
};

class BrotliEncoder final : public BodyEncoder {
public:
    explicit BrotliEncoder(EncoderMemory::Share share) noexcept
        : BodyEncoder(std::move(share)),
          state_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr))
    {
    }

    [[nodiscard]] bool begin(config::CompressionLevel level) noexcept
    {
        return state_ && set(BROTLI_PARAM_QUALITY, level_of(level)) &&
               set(BROTLI_PARAM_LGWIN, window_bits) && set(BROTLI_PARAM_LGBLOCK, block_bits);
    }

private:
    [[nodiscard]] bool set(BrotliEncoderParameter parameter, std::uint32_t value) noexcept
    {
        return ::BrotliEncoderSetParameter(state_.get(), parameter, value) != BROTLI_FALSE;
    }

    std::optional<Packed> pack(std::span<const char> in, std::span<char> out, Step step) override
    {
        const auto how = step == Step::finish  ? BROTLI_OPERATION_FINISH
                         : step == Step::flush ? BROTLI_OPERATION_FLUSH
                                               : BROTLI_OPERATION_PROCESS;
        auto left = in.size();
        auto room = out.size();
        const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
        auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
        if (::BrotliEncoderCompressStream(state_.get(), how, &left, &next_in, &room, &next_out,
                                          nullptr) == BROTLI_FALSE)
            return std::nullopt;
        const bool is_written = left == 0 && ::BrotliEncoderHasMoreOutput(state_.get()) == 0;
        const bool finished =
            step != Step::finish || ::BrotliEncoderIsFinished(state_.get()) != BROTLI_FALSE;
        return Packed{in.size() - left, out.size() - room, is_written && finished};
    }

    std::unique_ptr<BrotliEncoderState, DestroyState> state_;
};

} // namespace

std::unique_ptr<BodyEncoder> make_brotli_encoder(config::CompressionLevel level,
                                                 EncoderMemory::Share share)
{
    auto encoder = std::make_unique<BrotliEncoder>(std::move(share));
    if (!encoder->begin(level)) return nullptr;
    return encoder;
}

} // namespace gatehouse::gateway
