#pragma once

#include "config/settings/terms.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::config {

/// What all answers that are just being compressed may take. YAML: `compression`.
struct CompressionSettings {
    std::uint64_t memory_bytes = 64 * MiB;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CompressionSettings;
        table.key("memory", &Self::memory_bytes, bytes(MiB, 64 * 1024 * MiB),
                  "What all encoders that are at work may take together; what finds no room is "
                  "sent as it is.");
    }
};

/// How much work is put into it, by the encoder's own scale.
enum class CompressionLevel { low, medium, high };

constexpr auto words(CompressionLevel)
{
    using enum CompressionLevel;
    return std::array{
        Word{"low",    low   },
        Word{"medium", medium},
        Word{"high",   high  }
    };
}

/// Which answers of a route are compressed, and how. YAML: `routes[].compression`.
struct RouteCompressionSettings {
    std::vector<std::string> encodings{"zstd", "br", "gzip"};
    std::vector<std::string> types{
        "text/*",          "application/json",  "application/*+json", "application/javascript",
        "application/xml", "application/*+xml", "image/svg+xml"};
    std::uint64_t min_size_bytes = 1024;
    CompressionLevel level = CompressionLevel::low;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RouteCompressionSettings;
        table.key("encodings", &Self::encodings, forms::content_coding,
                  "What is offered, the most welcome first: it decides where a client likes "
                  "several as much.");
        table.key("types", &Self::types, forms::media_range,
                  "Media types that are compressed: exact ones, `text/*`, `application/*+json`. "
                  "Never `text/event-stream`.");
        table.key("min_size", &Self::min_size_bytes, bytes_or_zero(1, 1024 * MiB),
                  "Shorter answers are sent as they are, where their length is known.");
        table.key("level", &Self::level, AsTyped{},
                  "How much time is spent on smaller answers: it is time of the worker.");
    }
};

} // namespace gatehouse::config
