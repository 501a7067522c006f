#pragma once

#include "auth/tokens/key_place.hpp"
#include "config/settings/identity.hpp"

#include <string>

namespace gatehouse::auth {

/// Keys from a folder that others fill, such as a mounted Secret. Its files, of which the two
/// active ones must be there:
///
///     access-active.pem   access-next.pem   access-retired*.pem    private keys, PKCS #8
///     refresh-active      refresh-next      refresh-retired*       secrets of at least 32 bytes
///
/// A retired key verifies as long as it lies there. A folder that is swapped as a whole (the
/// symbolic link `..data` of Kubernetes) is read as it was at one moment.
class KeyDirectory final : public KeyPlace {
public:
    KeyDirectory(std::string path, config::Algorithm algorithm);

    /// Errors: a file that is missing, unknown, damaged, or that others could write.
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() override;
    [[nodiscard]] Result<KeySet, KeyError> update(const Change& change) override;

    [[nodiscard]] Habits habits() const noexcept override
    {
        return {.ours = false, .watched = true};
    }

private:
    [[nodiscard]] Result<KeySet, KeyError> read_once() const;

    const std::string path_;
    const config::Algorithm algorithm_; // tells RS256 from PS256, for an RSA key does for both
};

} // namespace gatehouse::auth
