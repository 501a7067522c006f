#pragma once

#include "config/templates/text_template.hpp"
#include "gateway/headers/certificate_fields.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/pipeline/decision.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// What a template may tell of a request. References to what lives as long as the request.
struct TemplateFacts {
    const RequestHead& head;
    const Admission& admission;
    Peer peer;
    const ClientRules& clients;
    std::string_view request_id;
    const ShownCertificate* certificate = nullptr; // on the connection of the request
};

/// The text that a name stands for; nothing: there is none, or it could not stand in a header
/// (printable ASCII, and of a claim one value without blanks around it). Of the user and of claims
/// only what a verified token says, of a certificate only what this connection has shown.
[[nodiscard]] std::optional<std::string_view> text_for(const config::TemplatePart& part,
                                                       const TemplateFacts& facts) noexcept;

/// `name: value CRLF`, or nothing where one of the names stands for nothing: half a value would be
/// a lie. Nor is a value written that is empty. Whether it was.  R22
bool write_templated_field(HeadWriter& out, std::string_view name,
                           const config::TextTemplate& value, const TemplateFacts& facts) noexcept;

} // namespace gatehouse::gateway
