#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

/// A token, cookie, password or key: readable on purpose only, printed as `***` everywhere else,
/// and overwritten in memory when it goes away.
class Secret {
public:
    Secret() = default;

    explicit Secret(std::string value) : value_(std::move(value)) {}

    Secret(const Secret&) = default;

    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }

    Secret& operator=(const Secret& other)
    {
        if (this != &other) {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }

    Secret& operator=(Secret&& other) noexcept
    {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }

    ~Secret() { wipe(); }

    /// The value itself. Whoever calls this takes care of where it goes.
    [[nodiscard]] std::string_view reveal() const noexcept { return value_; }

    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return value_.size(); }

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

private:
    void wipe() noexcept
    {
        // Volatile, so that the compiler does not drop writes to memory about to be freed.
        volatile char* bytes = value_.data();
        for (std::size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
        value_.clear();
    }

    std::string value_;
};

} // namespace gatehouse
