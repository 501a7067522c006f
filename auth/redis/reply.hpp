#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::auth::redis {

/// One value as RESP3 knows it.
struct Reply {
    enum class Kind : std::uint8_t {
        null,
        boolean,
        integer,
        number, // a double or a big number, as it was written
        text,
        error,
        list,
        map, // items: key, value, key, value ...
        set,
        push // said without being asked: a message of a subscription
    };

    Kind kind = Kind::null;
    std::int64_t integer = 0; // a boolean's too: 0 or 1
    std::string text{};       // text, error, number
    std::vector<Reply> items{};

    [[nodiscard]] bool is(Kind other) const noexcept { return kind == other; }

    friend bool operator==(const Reply&, const Reply&) = default;
};

} // namespace gatehouse::auth::redis
