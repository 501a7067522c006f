#include "gateway/pipeline/serve_compression.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/compress/accept_encoding.hpp"
#include "gateway/compress/compressible.hpp"
#include "gateway/headers/treatment.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

/// What this client takes of what the route offers. Without chunks its end could not be told from
/// a connection that broke.
std::optional<ContentCoding> coding_for(const Exchange& exchange,
                                        const config::RouteCompressionSettings& settings)
{
    if (exchange.request.version != Version::http_1_1 && enforced("compress.chunks_needed"))
        return std::nullopt;
    if (forbids_transformation(exchange.request.fields) && enforced("compress.as_asked"))
        return std::nullopt;
    return chosen_coding(exchange.request.fields, settings.encodings);
}

std::unique_ptr<BodyEncoder> encoder_for(const Exchange& exchange, Rooms& rooms,
                                         ContentCoding coding, config::CompressionLevel level)
{
    auto share = rooms.shared.encoders.take(encoder_bytes(coding, level),
                                            exchange.settings().compression.memory_bytes);
    if (!share) return nullptr;
    return make_encoder(coding, level, std::move(share));
}

/// Ours is lost where the route takes Vary out of answers, so what they say of it does not count.
bool route_drops_vary(const Exchange& exchange) noexcept
{
    const auto* treatment = exchange.admission.route->treatment;
    return treatment != nullptr && treatment->response.drops("vary");
}

} // namespace

void begin_encoding(Exchange& exchange, Rooms& rooms, ResponseHead& answer)
{
    const auto& settings = *exchange.admission.route->settings->compression;
    exchange.encoding.reset();
    const bool is_known = answer.status == 304;
    if (!is_known && !is_compressible(answer, settings)) return;
    exchange.encoding = std::make_unique<AnswerEncoding>();
    auto& encoding = *exchange.encoding;
    encoding.fields.adds_vary = !varies_by_coding(answer.fields) || route_drops_vary(exchange);
    if (is_known) return name_as_asked(answer, exchange.request.fields, encoding.etag);
    const auto coding = coding_for(exchange, settings);
    if (!coding) return;
    if (exchange.request.method != "HEAD") {
        encoding.encoder = encoder_for(exchange, rooms, *coding, settings.level);
        if (!encoding.encoder) return;
    }
    encoding.coding = *coding;
    encoding.fields.coding = to_string(*coding);
    let_go_of_bytes(answer, encoding.etag);
}

void count_encoding(const Exchange& exchange, Rooms& rooms) noexcept
{
    const auto* encoder = encoder_of(exchange);
    if (encoder == nullptr) return;
    auto& counters = rooms.counters;
    counters.compressed[static_cast<std::size_t>(exchange.encoding->coding)].add();
    counters.compressed_bytes_in.add(encoder->bytes_in());
    counters.compressed_bytes_out.add(encoder->bytes_out());
}

} // namespace gatehouse::gateway
