#pragma once

#include "gateway/compress/body_encoder.hpp"

#include <memory>

namespace gatehouse::gateway {

// One for each library; make_encoder() chooses. Null: it has no memory.

[[nodiscard]] std::unique_ptr<BodyEncoder> make_zstd_encoder(config::CompressionLevel level,
                                                             EncoderMemory::Share share);
[[nodiscard]] std::unique_ptr<BodyEncoder> make_brotli_encoder(config::CompressionLevel level,
                                                               EncoderMemory::Share share);
[[nodiscard]] std::unique_ptr<BodyEncoder> make_gzip_encoder(config::CompressionLevel level,
                                                             EncoderMemory::Share share);

} // namespace gatehouse::gateway
