#pragma once

#include "gateway/http/head.hpp"
#include "gateway/http/head_scanner.hpp"
#include "gateway/http/message_facts.hpp"
#include "gateway/http/parse_error.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Reads the field lines of a scanned head into `fields`, in their order, and notes what they say
/// about the message in `facts`. A line is `token ":" OWS value OWS`, and nothing stands between
/// the name and its colon (RFC 9112, 5.1); what a value may not hold the scanner has refused.
[[nodiscard]] std::optional<ParseError> read_field_lines(std::string_view received,
                                                         std::span<const HeadLine> lines,
                                                         std::vector<Field>& fields,
                                                         MessageFacts& facts);

} // namespace gatehouse::gateway
