#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// A token named a key that its issuer has not published, as far as we know.
struct KeyWish {
    std::string source;    // key_source_of() its issuer
    std::uint64_t key = 0; // a hash of its name
};

/// What workers wish to know of keys, for whoever fetches them. Bounded, and nobody waits: a wish
/// that finds no room or a busy lock is lost, and the next token with that key has it again.
class KeyWishes {
public:
    /// Called on a worker's thread when there is a wish and there was none. Set before there are
    /// workers.
    void on_first(std::function<void()> wake) { wake_ = std::move(wake); }

    void note(std::string_view source, std::string_view kid) noexcept;

    /// All of them, and none are left.
    [[nodiscard]] std::vector<KeyWish> take();

private:
    static constexpr std::size_t most = 64;

    std::function<void()> wake_;
    std::atomic<bool> full_{false};
    std::mutex mutex_;
    std::vector<KeyWish> wishes_; // guarded by mutex_
};

} // namespace gatehouse::auth
