#include "tests/gateway/compress/decoded.hpp"

#include <zlib.h>

#include <brotli/decode.h>
#include <zstd.h>

#include <array>

namespace gatehouse::gateway::test {
namespace {

std::optional<Decoded> from_gzip(std::string_view packed)
{
    z_stream stream{};
    if (::inflateInit2(&stream, 15 + 16) != Z_OK) return std::nullopt;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    Decoded out;
    int result = Z_OK;
    while (result == Z_OK) {
        std::array<char, 4096> room{};
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = room.size();
        result = ::inflate(&stream, Z_SYNC_FLUSH);
        out.text.append(room.data(), room.size() - stream.avail_out);
    }
    ::inflateEnd(&stream);
    out.is_whole = result == Z_STREAM_END && stream.avail_in == 0;
    if (result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
    return out;
}

std::optional<Decoded> from_zstd(std::string_view packed)
{
    auto* const stream = ::ZSTD_createDStream();
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    Decoded out;
    for (;;) {
        std::array<char, 4096> room{};
        ZSTD_outBuffer into{room.data(), room.size(), 0};
        const auto left = ::ZSTD_decompressStream(stream, &into, &in);
        out.text.append(room.data(), into.pos);
        if (::ZSTD_isError(left) != 0) {
            ::ZSTD_freeDStream(stream);
            return std::nullopt;
        }
        out.is_whole = left == 0 && in.pos == in.size && !packed.empty();
        if (left == 0 || (in.pos == in.size && into.pos < into.size)) break;
    }
    ::ZSTD_freeDStream(stream);
    return out;
}

std::optional<Decoded> from_brotli(std::string_view packed)
{
    auto* const state = ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    auto left = packed.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(packed.data());
    Decoded out;
    auto result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        std::array<std::uint8_t, 4096> room{};
        auto free = room.size();
        auto* into = room.data();
        result = ::BrotliDecoderDecompressStream(state, &left, &next, &free, &into, nullptr);
        out.text.append(reinterpret_cast<const char*>(room.data()), room.size() - free);
    }
    ::BrotliDecoderDestroyInstance(state);
    out.is_whole = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
    if (result == BROTLI_DECODER_RESULT_ERROR) return std::nullopt;
    return out;
}

} // namespace

std::optional<Decoded> decoded(ContentCoding coding, std::string_view packed)
{
    switch (coding) {
    case ContentCoding::zstd:
        return from_zstd(packed);
    case ContentCoding::br:
        return from_brotli(packed);
    case ContentCoding::gzip:
        return from_gzip(packed);
    }
    return std::nullopt;
}

} // namespace gatehouse::gateway::test
