#pragma once

#include "gateway/compress/body_encoder.hpp"
#include "gateway/compress/encoded_head.hpp"

#include <memory>
#include <string>

namespace gatehouse::gateway {

/// What becomes of one answer of a route with `compression`.
struct AnswerEncoding {
    CodingFields fields;
    ContentCoding coding{};               // of the encoder
    std::string etag;                     // where a weak one stands
    std::unique_ptr<BodyEncoder> encoder; // null: the body goes as it is, or there is none
};

} // namespace gatehouse::gateway
