// Tokens as a gateway issues them, each of another user and session, one a line.
// Usage: bench_tokens access|refresh ALGORITHM KEYS_FILE COUNT OUT
// The keys file is made when it is not there; a gateway that uses the same one accepts the tokens.
// HS256 takes its secrets from ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET and needs no file.
#include "auth/basics/id.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/token_issuer.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace gatehouse;

/// As long as the settings allow, so that a set of tokens serves many runs.
constexpr std::chrono::hours life{24};

std::string secret_of(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

config::TokenSettings settings_for(std::string_view algorithm)
{
    config::TokenSettings settings;
    for (const auto& word : words(config::Algorithm{}))
        if (word.text == algorithm) settings.algorithm = word.value;
    settings.access_ttl = life;
    settings.access_secret = Secret{secret_of("ACCESS_TOKEN_SECRET")};
    settings.refresh_secret = Secret{secret_of("REFRESH_TOKEN_SECRET")};
    return settings;
}

using NewToken = std::string (*)(const auth::TokenIssuer&, const auth::KeyRing&, auth::Seconds);

std::string access_token(const auth::TokenIssuer& issuer, const auth::KeyRing& ring,
                         auth::Seconds now)
{
    auth::AccessClaims claims;
    claims.user_id = auth::Id128::random().to_string();
    claims.session_id = auth::Id128::random().to_string();
    claims.jti = auth::Id128::random().to_string();
    claims.issued_at = now;
    claims.expires_at = now + life;
    return issuer.access(ring, claims);
}

/// The first one of its session.
std::string refresh_token(const auth::TokenIssuer& issuer, const auth::KeyRing& ring,
                          auth::Seconds now)
{
    auth::RefreshClaims claims;
    claims.user_id = auth::Id128::random().to_string();
    claims.session_id = auth::Id128::random().to_string();
    claims.generation = 1;
    claims.issued_at = now;
    claims.expires_at = now + life;
    return issuer.refresh(ring, claims);
}

std::vector<std::string> new_tokens(NewToken new_token, const config::TokenSettings& settings,
                                    const auth::KeyRing& ring, std::size_t count)
{
    const auth::TokenIssuer issuer{settings};
    const auth::Seconds now = auth::SystemClock{}.seconds();
    std::vector<std::string> tokens(count);
    const std::size_t parts = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (std::size_t part = 0; part < parts; ++part) {
        threads.emplace_back([&, part] {
            for (std::size_t i = part; i < count; i += parts)
                tokens[i] = new_token(issuer, ring, now);
        });
    }
    threads.clear(); // joins
    return tokens;
}

} // namespace

int main(int argc, char** argv)
{
    const std::string_view kind = argc == 6 ? argv[1] : "";
    if (kind != "access" && kind != "refresh") {
        std::cerr << "usage: bench_tokens access|refresh ALGORITHM KEYS_FILE COUNT OUT\n";
        return 2;
    }
    const auto settings = settings_for(argv[2]);
    const auth::SystemClock clock;
    const auto keeper = auth::KeyKeeper::open(settings, argv[3], clock);
    if (!keeper) {
        std::cerr << keeper.error().message << '\n';
        return 1;
    }
    const NewToken new_token = kind == "access" ? access_token : refresh_token;
    std::ofstream out{argv[5], std::ios::binary};
    for (const auto& token :
         new_tokens(new_token, settings, *(*keeper)->ring(), std::stoul(argv[4])))
        out << token << '\n';
    return out.flush() ? 0 : 1;
}
