#pragma once

#include "auth/tokens/key_place.hpp"
#include "auth/tokens/key_set.hpp"
#include "config/basics/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// A file only its owner may read, replaced atomically.
class KeyFile final : public KeyPlace {
public:
    explicit KeyFile(std::string path) : path_(std::move(path)) {}

    /// Nothing when there is no such file. Errors: unreadable, open to others, damaged.
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() override;
    /// Other processes that update the same file wait. File and folder are synced before it
    /// returns, so that a power cut leaves the old keys or the new ones.
    [[nodiscard]] Result<KeySet, KeyError> update(const Change& change) override;

    [[nodiscard]] Habits habits() const noexcept override { return {}; }

private:
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read_now() const;
    /// Mode 0600, owner kept.
    [[nodiscard]] Result<void, KeyError> write(const KeySet& keys) const;
    [[nodiscard]] KeyError failure(std::string_view doing) const;

    std::string path_;
};

} // namespace gatehouse::auth
