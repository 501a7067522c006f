#pragma once

#include "config/routes/pattern.hpp"
#include "config/settings/terms.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// What templates may name of a request. Another one is a row here and a case in
/// gateway/headers/field_template.cpp.
enum class Variable {
    user_id,
    session_id,
    request_id,
    client_address,
    method,
    scheme,
    host,
    path,
    query,
    route,
    certificate_subject,
    certificate_issuer,
    certificate_fingerprint,
    certificate_serial,
    certificate_dns,
    certificate_uri,
    certificate_email
};

constexpr auto words(Variable)
{
    using enum Variable;
    return std::array{
        Word{"user.id",                 user_id                },
        Word{"session.id",              session_id             },
        Word{"request.id",              request_id             },
        Word{"client.address",          client_address         },
        Word{"method",                  method                 },
        Word{"scheme",                  scheme                 },
        Word{"host",                    host                   },
        Word{"path",                    path                   },
        Word{"query",                   query                  },
        Word{"route",                   route                  },
        Word{"certificate.subject",     certificate_subject    },
        Word{"certificate.issuer",      certificate_issuer     },
        Word{"certificate.fingerprint", certificate_fingerprint},
        Word{"certificate.serial",      certificate_serial     },
        Word{"certificate.dns",         certificate_dns        },
        Word{"certificate.uri",         certificate_uri        },
        Word{"certificate.email",       certificate_email      }
    };
}

/// What only a listener with `client_certificates` can know.
[[nodiscard]] constexpr bool is_of_a_certificate(Variable variable) noexcept
{
    return variable >= Variable::certificate_subject;
}

/// The number of `{rest}`; `{1}` is 1.
inline constexpr std::size_t rest_capture = 0;

/// One piece of a template.
struct TemplatePart {
    enum class Kind { literal, variable, claim, capture };

    Kind kind = Kind::literal;
    std::string text{};      // of a literal, or the path of a claim
    Variable variable{};     // of a variable
    std::size_t capture = 0; // of a capture

    friend bool operator==(const TemplatePart&, const TemplatePart&) = default;
};

/// A text with names in braces: `Bearer {claim:org.token}`. `{{` and `}}` are braces themselves.
struct TextTemplate {
    std::vector<TemplatePart> parts;

    friend bool operator==(const TextTemplate&, const TextTemplate&) = default;
};

[[nodiscard]] Result<TextTemplate, PatternProblem> parse_template(std::string_view text);

/// Where a redirect leads: scheme and authority apart, for nothing that a client chooses but a
/// `{host}` may stand there.
struct RedirectTemplate {
    TextTemplate origin; // `https://{host}`; no parts: where the request went to
    TextTemplate path;   // no parts: the root
    bool has_query = false;
    TextTemplate query; // literals, and {query}
};

[[nodiscard]] Result<RedirectTemplate, PatternProblem> parse_redirect(std::string_view text);

/// The template of a path: literals, `{path}` and captures.
[[nodiscard]] Result<TextTemplate, PatternProblem> parse_path_template(std::string_view text);

[[nodiscard]] bool names(const TextTemplate& text, Variable variable) noexcept;

} // namespace gatehouse::config
