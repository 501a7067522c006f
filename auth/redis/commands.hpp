#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth::redis {

/// One or more commands, sent together and answered in order. What was written is overwritten in
/// memory at the end: a password may be in it.
class Commands {
public:
    Commands() = default;

    template <class... Words>
    explicit Commands(std::string_view name, const Words&... words)
    {
        add(name, words...);
    }

    Commands(const Commands&) = delete;
    Commands& operator=(const Commands&) = delete;
    ~Commands();

    /// Words are text (any bytes) or whole numbers.
    template <class... Words>
    Commands& add(const Words&... words)
    {
        begin(sizeof...(Words));
        (word(words), ...);
        ++answers_;
        return *this;
    }

    Commands& add_words(std::span<const std::string> words);

    /// The same for SUBSCRIBE and its like, whose answer is a push and no reply.
    template <class... Words>
    Commands& add_answered_by_push(const Words&... words)
    {
        add(words...);
        --answers_;
        return *this;
    }

    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

    /// How many replies there will be.
    [[nodiscard]] std::size_t answers() const noexcept { return answers_; }

private:
    void begin(std::size_t words);
    void word(std::string_view text);

    void word(std::integral auto number) { word(std::string_view(std::to_string(number))); }

    std::string bytes_;
    std::size_t answers_ = 0;
};

} // namespace gatehouse::auth::redis
