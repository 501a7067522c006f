#include "auth/secondfactor/base32.hpp"

namespace gatehouse::auth {

std::string encode_base32(std::string_view bytes)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    unsigned waiting = 0; // bits that no letter stands for yet, the newest lowest
    unsigned count = 0;
    for (const char each : bytes) {
        waiting = (waiting << 8U | static_cast<unsigned char>(each)) & 0xFFFU; // 4 and 8 at most
        for (count += 8; count >= 5; count -= 5) text += letters[waiting >> (count - 5) & 31U];
    }
    if (count > 0) text += letters[waiting << (5 - count) & 31U];
    return text;
}

} // namespace gatehouse::auth
