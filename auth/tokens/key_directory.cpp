#include "auth/tokens/key_directory.hpp"

#include "auth/tokens/secret_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace gatehouse::auth {

namespace {

using config::Algorithm;

/// A folder may be swapped while it is read, but not three times in a row.
constexpr int most_tries = 3;

struct Role {
    bool is_access = false;
    KeyState state{};
};

/// What a file's name says its key is for.
[[nodiscard]] std::optional<Role> role_of(std::string_view name)
{
    constexpr std::string_view access = "access-";
    constexpr std::string_view refresh = "refresh-";
    constexpr std::string_view pem = ".pem";
    const bool is_access = name.starts_with(access) && name.ends_with(pem);
    if (!is_access && !name.starts_with(refresh)) return std::nullopt;
    name.remove_prefix(is_access ? access.size() : refresh.size());
    if (is_access) name.remove_suffix(pem.size());
    if (name == "active") return Role{is_access, KeyState::active};
    if (name == "next") return Role{is_access, KeyState::next};
    if (name.starts_with("retired")) return Role{is_access, KeyState::retired};
    return std::nullopt;
}

[[nodiscard]] Result<jose::Key::Pointer, KeyError> access_key(const Secret& pem,
                                                              Algorithm preferred)
{
    for (const auto algorithm :
         {preferred, Algorithm::es256, Algorithm::es384, Algorithm::eddsa, Algorithm::rs256}) {
        auto key = jose::Key::from_private_pem(algorithm, pem.reveal());
        if (key) return key;
    }
    return KeyError("holds no private key to sign with: EC P-256 or P-384, Ed25519, or RSA of at "
                    "least 2048 bits, as unencrypted PKCS #8 PEM");
}

[[nodiscard]] Result<jose::Key::Pointer, KeyError> refresh_key(const Secret& secret)
{
    auto text = secret.reveal();
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    auto key = jose::Key::from_secret(Secret(std::string(text)));
    if (!key) return KeyError("has less than 32 bytes; make one with: openssl rand -base64 48");
    return key;
}

/// What is wrong with the keys of one kind as a whole.
[[nodiscard]] std::optional<std::string> problem_of(const std::vector<RingKey>& keys,
                                                    std::string_view active_file)
{
    if (std::ranges::count(keys, KeyState::active, &RingKey::state) != 1) {
        return fmt::format("has no file {}", active_file);
    }
    for (const auto& key : keys) {
        const auto same = [&](const RingKey& each) { return each.key->kid() == key.key->kid(); };
        if (std::ranges::count_if(keys, same) > 1) return "holds one key under two names";
    }
    return std::nullopt;
}

} // namespace

KeyDirectory::KeyDirectory(std::string path, Algorithm algorithm)
    : path_(std::move(path)),
      algorithm_(algorithm)
{
}

Result<std::optional<KeySet>, KeyError> KeyDirectory::read()
{
    for (int tries = 1;; ++tries) {
        auto keys = read_once();
        if (keys) return std::optional(*std::move(keys));
        if (tries < most_tries && keys.error().try_again) continue;
        return KeyError(keys.error().message); // what is still not there is an error
    }
}

Result<KeySet, KeyError> KeyDirectory::update(const Change&)
{
    return KeyError(fmt::format("the signing keys are read from {}: add access-next.pem there, and "
                                "let it become access-active.pem when every gateway has read it",
                                path_));
}

Result<KeySet, KeyError> KeyDirectory::read_once() const
{
    const auto files = read_secret_folder(path_);
    if (!files) return files.error();
    KeySet keys;
    // In order of names: every gateway publishes the same list.
    for (const auto& [name, content] : *files) {
        const auto role = role_of(name);
        if (!role) {
            return KeyError(fmt::format("{}/{} is none of access-{{active,next,retired*}}.pem and "
                                        "refresh-{{active,next,retired*}}",
                                        path_, name));
        }
        auto key = role->is_access ? access_key(content, algorithm_) : refresh_key(content);
        if (!key) return KeyError(fmt::format("{}/{} {}", path_, name, key.error().message));
        auto& list = role->is_access ? keys.access : keys.refresh;
        list.push_back({*std::move(key), role->state, {}, {}, {}});
    }
    auto problem = problem_of(keys.access, "access-active.pem");
    if (!problem) problem = problem_of(keys.refresh, "refresh-active");
    if (problem) return KeyError(fmt::format("the folder {} {}", path_, *problem));
    return keys;
}

} // namespace gatehouse::auth
