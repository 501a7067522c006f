#pragma once

#include "auth/json/writer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/auth/tokens/members.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::auth::testing {

class TokenVerifierTest : public ::testing::Test {
protected:
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    config::TokenSettings settings;
    const jose::Key& access_key = ring->access_signer();
    const jose::Key& refresh_key = ring->refresh_signer();

    const Members access_header{
        {"alg", R"("ES256")"                 },
        {"typ", R"("at+jwt")"                },
        {"kid", json::quote(access_key.kid())},
    };
    const Members access_payload{
        {"iss", R"("gatehouse")"                    },
        {"sub", R"("alice")"                        },
        {"aud", R"("alice")"                        },
        {"iat", at(noon)                            },
        {"exp", at(noon + 1h)                       },
        {"jti", json::quote(Id128{3, 4}.to_string())},
        {"sid", json::quote(Id128{1, 2}.to_string())},
    };
    const Members refresh_header{
        {"alg", R"("HS256")"                  },
        {"typ", R"("rt+jwt")"                 },
        {"kid", json::quote(refresh_key.kid())},
    };
    const Members refresh_payload{
        {"iss", R"("gatehouse")"                    },
        {"sub", R"("alice")"                        },
        {"aud", R"("alice")"                        },
        {"iat", at(noon)                            },
        {"exp", at(noon + 1h)                       },
        {"gen", "1"                                 },
        {"sid", json::quote(Id128{1, 2}.to_string())},
    };

    /// "accepted" or the word of the refusal.
    template <class Claims>
    [[nodiscard]] static std::string outcome(const Result<Claims, TokenError>& result)
    {
        return result ? "accepted" : std::string(to_string(result.error()));
    }

    [[nodiscard]] std::string access(std::string_view token) const
    {
        return outcome(TokenVerifier(settings).access(*ring, token, noon));
    }

    [[nodiscard]] std::string refresh(std::string_view token) const
    {
        return outcome(TokenVerifier(settings).refresh(*ring, token, noon));
    }
};

} // namespace gatehouse::auth::testing
