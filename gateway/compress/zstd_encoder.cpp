#include "gateway/compress/encoders.hpp"

#include <zstd.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr int window_log = 16;
// Tables of their own size would grow with the level.
constexpr int hash_log = 15;
constexpr int chain_log = 15;

int level_of(config::CompressionLevel level) noexcept
{
    switch (level) {
    case config::CompressionLevel::low:
        return 1;
    case config::CompressionLevel::medium:
        return 3;
    case config::CompressionLevel::high:
        return 7;
    }
    return 1;
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { (void)::ZSTD_freeCCtx(context); }
};

class ZstdEncoder final : public BodyEncoder {
public:
    explicit ZstdEncoder(EncoderMemory::Share share) noexcept
        : BodyEncoder(std::move(share)),
          context_(::ZSTD_createCCtx())
    {
    }

    [[nodiscard]] bool begin(config::CompressionLevel level) noexcept
    {
        return context_ && set(ZSTD_c_compressionLevel, level_of(level)) &&
               set(ZSTD_c_windowLog, window_log) && set(ZSTD_c_hashLog, hash_log) &&
               set(ZSTD_c_chainLog, chain_log);
    }

private:
    [[nodiscard]] bool set(ZSTD_cParameter parameter, int value) noexcept
    {
        return ::ZSTD_isError(::ZSTD_CCtx_setParameter(context_.get(), parameter, value)) == 0;
    }

    std::optional<Packed> pack(std::span<const char> in, std::span<char> out, Step step) override
    {
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out.data(), out.size(), 0};
        const auto how = step == Step::finish  ? ZSTD_e_end
                         : step == Step::flush ? ZSTD_e_flush
                                               : ZSTD_e_continue;
        const auto left = ::ZSTD_compressStream2(context_.get(), &output, &input, how);
        if (::ZSTD_isError(left) != 0) return std::nullopt;
        return Packed{input.pos, output.pos,
                      step == Step::more ? input.pos == input.size : left == 0};
    }

    std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
};

} // namespace

std::unique_ptr<BodyEncoder> make_zstd_encoder(config::CompressionLevel level,
                                               EncoderMemory::Share share)
{
    auto encoder = std::make_unique<ZstdEncoder>(std::move(share));
    if (!encoder->begin(level)) return nullptr;
    return encoder;
}

} // namespace gatehouse::gateway
