#include "gateway/compress/body_encoder.hpp"

#include "gateway/compress/encoders.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t room_at_once = 16 * std::size_t{1024};

} // namespace

std::optional<std::string_view> BodyEncoder::take(std::span<const char> data, Step step)
{
    bytes_in_ += data.size();
    holds_back_ = step == Step::more && (holds_back_ || !data.empty());
    std::size_t written = 0;
    for (;;) {
        // What the largest piece took stays, up to the end of the body.
        if (out_.size() < written + room_at_once) out_.resize(written + room_at_once);
        const std::span<char> room(out_.data() + written, out_.size() - written);
        const auto packed = pack(data, room, step);
        if (!packed) return std::nullopt;
        data = data.subspan(packed->taken);
        written += packed->written;
        if (packed->done && data.empty()) break;
        if (packed->taken == 0 && packed->written == 0) return std::nullopt; // would never end
    }
    bytes_out_ += written;
    return std::string_view(out_).substr(0, written);
}

// Windows of 64 KiB (gzip: 32) keep what one answer takes small; a larger one finds little more in
// answers of a few hundred KiB. Measured with 8 MiB that hardly shrink, in KiB: zstd 713, br 710 at
// the lowest level and 1,764 above it, gzip 261; and 256 for the piece that was made.
std::uint64_t encoder_bytes(ContentCoding coding, config::CompressionLevel level) noexcept
{
    constexpr std::uint64_t kib = 1024;
    switch (coding) {
    case ContentCoding::zstd:
        return 1024 * kib;
    case ContentCoding::br:
        return (level == config::CompressionLevel::low ? 1024 : 2048) * kib;
    case ContentCoding::gzip:
        return 576 * kib;
    }
    return 0;
}

std::unique_ptr<BodyEncoder> make_encoder(ContentCoding coding, config::CompressionLevel level,
                                          EncoderMemory::Share share)
{
    switch (coding) {
    case ContentCoding::zstd:
        return make_zstd_encoder(level, std::move(share));
    case ContentCoding::br:
        return make_brotli_encoder(level, std::move(share));
    case ContentCoding::gzip:
        return make_gzip_encoder(level, std::move(share));
    }
    return nullptr;
}

} // namespace gatehouse::gateway
