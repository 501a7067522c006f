#pragma once

#include "config/basics/result.hpp"
#include "gateway/http/head.hpp"
#include "gateway/http/parse_error.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// A field that may be there once.
struct SingleField {
    std::size_t count = 0;
    std::string_view value;

    void add(std::string_view next) noexcept
    {
        ++count;
        value = next;
    }
};

/// What the fields of a head say about framing, connection and host, noted while it is read.
struct MessageFacts {
    SingleField content_length;
    SingleField transfer_encoding;
    SingleField host;
    SingleField expect;
    SingleField upgrade;
    bool says_close = false;
    bool says_keep_alive = false;

    /// Reads one of possibly several Connection lines (RFC 9110, 7.6.1).
    void add_connection(std::string_view value) noexcept;

    /// Whether the connection may carry another message behind this one (RFC 9112, 9.3).
    [[nodiscard]] bool keep_alive(Version version) const noexcept
    {
        return !says_close && (version == Version::http_1_1 || says_keep_alive);
    }

    /// The framing these fields announce: none, length or chunked. Refuses every message that
    /// two readers could frame differently: R1 to R3.
    [[nodiscard]] Result<Framing, ParseError> framing(Version version) const noexcept;

private:
    [[nodiscard]] Result<Framing, ParseError> declared_length() const noexcept;
    [[nodiscard]] std::optional<ParseError> judge_encoding(Version version) const noexcept;
};

} // namespace gatehouse::gateway
