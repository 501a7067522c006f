// Chunked bodies: the result does not depend on how the bytes were cut; what is accepted a second
// strict reader accepts and reads the same; framed again it is read the same.
#include "gateway/http/chunk_framing.hpp"
#include "gateway/http/chunked_decoder.hpp"
#include "gateway/http/trailer_rules.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/fuzz/strict_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace gatehouse::gateway;

namespace {

struct Reading {
    bool refused = false;
    bool done = false;
    std::string data;
    std::vector<std::pair<std::string, std::string>> trailers;
    std::size_t size = 0;

    bool operator==(const Reading&) const = default;
};

constexpr std::string_view identity_header = "x-account";

/// Reads `bytes` in pieces of `piece` bytes, each in memory of its own.
Reading read(std::string_view bytes, std::size_t piece)
{
    ChunkedDecoder decoder;
    decoder.reset(identity_header);
    Reading reading;
    while (reading.size < bytes.size() && !decoder.done()) {
        const auto part = bytes.substr(reading.size, piece);
        const std::vector<char> exact(part.begin(), part.end());
        std::string_view rest(exact.data(), exact.size());
        while (!rest.empty() && !decoder.done()) {
            const auto step = decoder.step(rest);
            if (!step) {
                reading.refused = true;
                return reading;
            }
            must(step->consumed > 0 && step->consumed <= rest.size(), "each step goes on");
            must(step->data.empty() ||
                     (step->data.data() >= rest.data() &&
                      step->data.data() + step->data.size() <= rest.data() + step->consumed),
                 "data is a part of the input");
            reading.data.append(step->data);
            reading.size += step->consumed;
            rest.remove_prefix(step->consumed);
        }
    }
    reading.done = decoder.done();
    if (!reading.done) return reading;
    for (const auto& trailer : decoder.trailers()) {
        reading.trailers.emplace_back(trailer.name, trailer.value);
    }
    return reading;
}

void check_against_second_reader(const Reading& ours, std::string_view bytes)
{
    auto theirs = strict_reader::chunked_body_of(bytes);
    must(theirs.has_value(), "a second reader accepts the body");
    must(theirs->data == ours.data, "same data");
    must(theirs->size == ours.size, "same end");
    std::erase_if(theirs->trailers, [](const auto& trailer) {
        return !may_be_trailer(trailer.first, identity_header);
    });
    must(theirs->trailers == ours.trailers, "same trailers");
}

void check_framed_again(const Reading& ours, std::size_t piece)
{
    std::string body;
    for (std::size_t at = 0; at < ours.data.size(); at += piece) {
        const auto part = std::string_view(ours.data).substr(at, piece);
        body.append(ChunkHead(part.size()).text()).append(part).append(chunk_end);
    }
    std::vector<Field> trailers;
    for (const auto& [name, value] : ours.trailers) trailers.push_back({name, value});
    append_last_chunk(body, trailers);
    const auto again = read(body, body.size());
    must(again.done && again.size == body.size(), "our own output is a body");
    must(again.data == ours.data && again.trailers == ours.trailers, "and reads the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t piece = data[0] % 16 + 1;

    const auto at_once = read(bytes, std::max<std::size_t>(bytes.size(), 1));
    const auto in_pieces = read(bytes, piece);
    must(at_once.refused == in_pieces.refused && at_once.data == in_pieces.data,
         "same verdict and data, however it was cut");
    must(at_once.refused || at_once == in_pieces, "same body, however it was cut");

    if (!at_once.done) return 0;
    check_against_second_reader(at_once, bytes);
    check_framed_again(at_once, piece);
    return 0;
}
