#pragma once

#include "config/basics/result.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse::auth::passkeys {

/// Why bytes are not CBOR for us.
enum class CborError {
    cut_off,  // the bytes end inside of an item
    trailing, // something comes after the item
    form,     // reserved, of indefinite length, not in its shortest form, a tag, or no UTF-8
    too_deep, // more nested arrays and maps than allowed
    too_many, // more items than allowed
    duplicate // the same key twice in one map
};

[[nodiscard]] std::string_view to_string(CborError error) noexcept;
std::ostream& operator<<(std::ostream& out, CborError error);

/// One item of CBOR (RFC 8949): plain data that points into the bytes it was read from. Asking for
/// the wrong kind is nothing, so callers read and check in one step.
class Cbor {
public:
    using Array = std::vector<Cbor>;
    using Map = std::vector<std::pair<Cbor, Cbor>>; // keys are unique: the reader saw to that

    /// Present, and of no kind that anybody asks for: null, undefined, booleans, floats, large
    /// integers.
    struct Other {
        std::string_view bytes;
    };

    struct Text {
        std::string_view text;
    };

    using Held = std::variant<Other, std::int64_t, std::string_view, Text, Array, Map>;

    Cbor() = default;

    explicit Cbor(Held held) : held_(std::move(held)) {}

    /// Unsigned and negative ones that fit; larger ones are of no kind.
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
    [[nodiscard]] std::optional<std::string_view> bytes() const noexcept;
    [[nodiscard]] std::optional<std::string_view> text() const noexcept;
    [[nodiscard]] const Array* array() const noexcept;
    [[nodiscard]] const Map* map() const noexcept;

    /// The value of this key; null when this is no map or has no such key.
    [[nodiscard]] const Cbor* find(std::string_view text_key) const noexcept;
    [[nodiscard]] const Cbor* find(std::int64_t integer_key) const noexcept;

    friend bool operator==(const Cbor& one, const Cbor& other) noexcept;

private:
    Held held_;
};

struct CborRules {
    /// Arrays and maps inside one another. CTAP 2 needs 4.
    std::size_t max_depth = 8;
    /// All items of all levels.
    std::size_t max_items = 512;
};

/// Reads the one item at the beginning of `bytes` and takes it off them. As strict as the canonical
/// form of CTAP 2, but for the order of keys: definite lengths, shortest form, no tags, unique
/// keys. What it returns points into `bytes`.
[[nodiscard]] Result<Cbor, CborError> take_cbor(std::string_view& bytes,
                                                const CborRules& rules = {});

/// The same of bytes that hold one item and nothing else.
[[nodiscard]] Result<Cbor, CborError> read_cbor(std::string_view bytes,
                                                const CborRules& rules = {});

} // namespace gatehouse::auth::passkeys
