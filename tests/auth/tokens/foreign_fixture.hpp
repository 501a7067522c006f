#pragma once

#include "auth/json/writer.hpp"
#include "auth/tokens/foreign_verifier.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/auth/tokens/members.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth::testing {

/// Somebody else who signs tokens for us, with one key or several.
class OtherIssuer {
public:
    explicit OtherIssuer(jose::Algorithm algorithm = jose::Algorithm::es256)
        : key(jose::Key::generate(algorithm))
    {
        settings.issuer = "https://id.example.com";
        settings.audience = {"orders"};
        settings.algorithms = {std::string(jose::to_string(algorithm))};
        header = {
            {"alg", json::quote(jose::to_string(algorithm))},
            {"typ", R"("JWT")"                             },
            {"kid", json::quote(key->kid())                },
        };
    }

    /// All that it has published.
    [[nodiscard]] static std::string jwks(const std::vector<jose::Key::Pointer>& keys)
    {
        std::string text = R"({"keys":[)";
        for (const auto& each : keys) {
            if (text.back() == '}') text += ',';
            text += each->public_jwk();
        }
        return text + "]}";
    }

    [[nodiscard]] std::shared_ptr<const IssuerKeys> keys() const
    {
        return *keys_in_jwks(jwks({key}), settings);
    }

    [[nodiscard]] std::string token(const Members& changed_header,
                                    const Members& changed_payload) const
    {
        return forge(*key, object(changed_header), object(changed_payload));
    }

    [[nodiscard]] std::string token() const { return token(header, payload); }

    jose::Key::Pointer key;
    config::IssuerSettings settings;
    Members header;
    Members payload{
        {"iss", R"("https://id.example.com")"},
        {"sub", R"("anna")"                  },
        {"aud", R"("orders")"                },
        {"iat", at(noon)                     },
        {"exp", at(noon + 1h)                },
    };
};

} // namespace gatehouse::auth::testing
