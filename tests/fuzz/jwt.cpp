// The verifier accepts only what was signed. The input is a program that bends well-signed tokens;
// whatever comes out may be accepted only if it is, byte for byte, a token that was issued.
#include "auth/jose/base64url.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace gatehouse::auth;
using namespace gatehouse::auth::testing;

struct Issued {
    std::shared_ptr<const KeyRing> ring;
    std::vector<std::string> access;
    std::vector<std::string> refresh;
};

Issued issue(jose::Algorithm algorithm)
{
    Issued issued;
    issued.ring = make_ring(algorithm);
    const TokenIssuer issuer({});
    auto access = access_claims();
    auto refresh = refresh_claims();
    for (const char* user : {"alice", "bob"}) {
        access.user_id = refresh.user_id = user;
        issued.access.push_back(issuer.access(*issued.ring, access));
        issued.refresh.push_back(issuer.refresh(*issued.ring, refresh));
        access.roles = {"admin"};
        ++refresh.generation;
    }
    return issued;
}

/// Reads the fuzzer's bytes from the front; zeros when there are no more.
class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

    std::uint8_t byte()
    {
        if (left_ == 0) return 0;
        --left_;
        return *data_++;
    }

    std::size_t below(std::size_t limit)
    {
        const std::size_t high = byte();
        return limit == 0 ? 0 : (high << 8U | byte()) % limit;
    }

    std::string bytes()
    {
        std::string text;
        for (std::size_t n = byte(); n > 0 && left_ > 0; --n) text += static_cast<char>(byte());
        return text;
    }

    [[nodiscard]] bool is_over() const { return left_ == 0; }

private:
    const std::uint8_t* data_;
    std::size_t left_;
};

std::vector<std::string> split(const std::string& token)
{
    std::vector<std::string> parts(1);
    for (const char c : token) {
        if (c == '.') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts)
{
    std::string token;
    for (const auto& part : parts)
        token += (token.empty() && &part == &parts.front() ? "" : ".") + part;
    return token;
}

/// Edits the decoded text of one segment, so that mutations reach the JSON and the signature.
void edit_decoded(std::string& segment, Script& script)
{
    auto text = jose::decode_base64url(segment).value_or("");
    const auto at = script.below(text.size() + 1);
    const auto length = std::min<std::size_t>(script.byte() % 8, text.size() - at);
    text.replace(at, length, script.bytes());
    segment = jose::encode_base64url(text);
}

std::string bend(std::string token, const std::vector<std::string>& others, Script& script)
{
    while (!script.is_over()) {
        auto parts = split(token);
        auto& part = parts[script.below(parts.size())];
        switch (script.byte() % 6) {
        case 0: // raw bytes anywhere
            token.replace(script.below(token.size() + 1), 0, script.bytes());
            continue;
        case 1:
            edit_decoded(part, script);
            break;
        case 2: { // a segment of another token
            const auto donor = split(others[script.below(others.size())]);
            part = donor[script.below(donor.size())];
            break;
        }
        case 3:
            part = jose::encode_base64url(script.bytes());
            break;
        case 4: // one character
            if (!part.empty()) part[script.below(part.size())] = static_cast<char>(script.byte());
            break;
        case 5:
            part.resize(script.below(part.size() + 1));
            break;
        }
        token = join(parts);
    }
    return token;
}

bool is_one_of(const std::string& token, const std::vector<std::string>& tokens)
{
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Issued rings[] = {issue(jose::Algorithm::hs256), issue(jose::Algorithm::es256),
                                   issue(jose::Algorithm::eddsa)};
    static const TokenVerifier verifier({});

    Script script(data, size);
    const auto& issued = rings[script.below(std::size(rings))];
    std::vector<std::string> all = issued.access;
    all.insert(all.end(), issued.refresh.begin(), issued.refresh.end());
    const auto token = bend(all[script.below(all.size())], all, script);

    const bool access = verifier.access(*issued.ring, token, noon).has_value();
    const bool refresh = verifier.refresh(*issued.ring, token, noon).has_value();
    if (access != is_one_of(token, issued.access)) std::abort();
    if (refresh != is_one_of(token, issued.refresh)) std::abort();
    return 0;
}
