#include "gateway/compress/encoders.hpp"

#include <zlib.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

// 15 is a window of 32 KiB; 16 more asks for the frame of gzip and not of zlib.
constexpr int window_bits = 15 + 16;
constexpr int memory_level = 8; // 128 KiB besides the window's 128

int level_of(config::CompressionLevel level) noexcept
{
    switch (level) {
    case config::CompressionLevel::low:
        return 1;
    case config::CompressionLevel::medium:
        return 5;
    case config::CompressionLevel::high:
        return 8;
    }
    return 1;
}

class GzipEncoder final : public BodyEncoder {
public:
    explicit GzipEncoder(EncoderMemory::Share share) noexcept : BodyEncoder(std::move(share)) {}

    ~GzipEncoder() override
    {
        if (began_) (void)::deflateEnd(&stream_);
    }

    [[nodiscard]] bool begin(config::CompressionLevel level) noexcept
    {
        began_ = ::deflateInit2(&stream_, level_of(level), Z_DEFLATED, window_bits, memory_level,
                                Z_DEFAULT_STRATEGY) == Z_OK;
        return began_;
    }

private:
    std::optional<Packed> pack(std::span<const char> in, std::span<char> out, Step step) override
    {
        // The library only ever reads it.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        stream_.avail_in = static_cast<uInt>(in.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        const int how = step == Step::finish  ? Z_FINISH
                        : step == Step::flush ? Z_SYNC_FLUSH
                                              : Z_NO_FLUSH;
        const int result = ::deflate(&stream_, how);
        // Z_BUF_ERROR: there was nothing left to do, which is no harm.
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
        Packed packed;
        packed.taken = in.size() - stream_.avail_in;
        packed.written = out.size() - stream_.avail_out;
        packed.done = step == Step::finish ? result == Z_STREAM_END : stream_.avail_out != 0;
        return packed;
    }

    z_stream stream_{};
    bool began_ = false;
};

} // namespace

std::unique_ptr<BodyEncoder> make_gzip_encoder(config::CompressionLevel level,
                                               EncoderMemory::Share share)
{
    auto encoder = std::make_unique<GzipEncoder>(std::move(share));
    if (!encoder->begin(level)) return nullptr;
    return encoder;
}

} // namespace gatehouse::gateway
