#pragma once

#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/admin_api.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// The credential of the admin API: a random token that is made once and kept in a file which only
/// its owner may read, or one that the environment gives.
class AdminCredential {
public:
    /// Why there is none, for the operator.
    struct Problem {
        Problem() = default;

        explicit Problem(std::string sentence) : message(std::move(sentence)) {}

        std::string message;
    };

    /// The one of the settings: from the environment, else from the file. A file that is missing is
    /// made, at once with its content, and one that is there is never written: of several processes
    /// that start together one makes it, and all have the same. Without a file the token is this
    /// process's own and nobody learns it. Errors: the file cannot be made or read, others may read
    /// it, or what is in it is no token.
    [[nodiscard]] static Result<AdminCredential, Problem>
    open(const config::AdminApiSettings& settings);

    /// What a command shows to a gateway: as open(), but makes nothing.
    [[nodiscard]] static Result<Secret, Problem> find(const config::AdminApiSettings& settings);

    /// What open() would say of a file that is there, or of its folder; nothing: it would not.
    [[nodiscard]] static std::optional<Problem>
    problem_with(const config::AdminApiSettings& settings);

    /// One that is nobody's: the API is there and lets nobody in by a token.
    [[nodiscard]] static AdminCredential unknown();

    /// Takes as long for every wrong token of the same length.
    [[nodiscard]] bool is(std::string_view presented) const noexcept;

private:
    using Digest = std::array<unsigned char, 32>;

    explicit AdminCredential(const Digest& digest) : digest_(digest) {}

    [[nodiscard]] static Digest digest_of(std::string_view token) noexcept;

    Digest digest_{}; // SHA-256: the token itself need not lie in memory
};

} // namespace gatehouse::auth
