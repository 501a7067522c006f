#pragma once

#include "config/forms/forms.hpp"
#include "config/scalars/scalars.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

/// The words in which a settings struct describes its keys. Each struct has
///
///     template <class Table>
///     static void describe(Table& table)
///     {
///         table.key("access_ttl", &Self::access_ttl, between(1s, 24h), "Life of an access
///         token.");
///     }
///
/// The name in YAML, the member (its default and type), the range or form, and one sentence, in
/// at_start() where a reload cannot change it. The reader, the check for unknown keys, what a
/// reload compares and the reference in docs/CONFIGURATION.md are all such tables; nothing else
/// repeats these facts.
namespace gatehouse::config {

using namespace std::chrono_literals;

/// Both ends are allowed.
struct DurationRange {
    Millis least{};
    Millis most{};
};

struct CountRange {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

/// Bytes; `zero` is allowed besides the range and means what the sentence says.
struct SizeRange {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    bool zero = false;
};

/// A part of a whole, 0 to 1.
struct Ratio {};

/// For keys whose type says everything: booleans and words.
struct AsTyped {};

[[nodiscard]] constexpr DurationRange between(Millis least, Millis most)
{
    return {least, most};
}

[[nodiscard]] constexpr CountRange count(std::uint64_t least, std::uint64_t most)
{
    return {least, most};
}

[[nodiscard]] constexpr SizeRange bytes(std::uint64_t least, std::uint64_t most)
{
    return {least, most, false};
}

[[nodiscard]] constexpr SizeRange bytes_or_zero(std::uint64_t least, std::uint64_t most)
{
    return {least, most, true};
}

/// The sentence of a key, or of a whole section, that only a start can take: a reload tells of a
/// change by name and goes on with the value it has.
struct AtStart {
    const char* sentence;

    constexpr operator const char*() const { return sentence; } // NOLINT: it is one
};

[[nodiscard]] constexpr AtStart at_start(const char* sentence)
{
    return {sentence};
}

/// One word of an enumeration, as `words(E)` lists them beside each enumeration.
template <class E>
struct Word {
    std::string_view text;
    E value;
};

template <class E>
Word(const char*, E) -> Word<E>;

/// The word for a value.
template <class E>
[[nodiscard]] constexpr std::string_view word_for(E value)
{
    for (const auto& word : words(value)) {
        if (word.value == value) return word.text;
    }
    return {};
}

} // namespace gatehouse::config
