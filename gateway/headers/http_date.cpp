#include "gateway/headers/http_date.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

void put_two(char* out, unsigned number) noexcept
{
    out[0] = static_cast<char>('0' + number / 10 % 10);
    out[1] = static_cast<char>('0' + number % 10);
}

} // namespace

std::string_view HttpDate::text(auth::Seconds now) noexcept
{
    using namespace std::chrono;
    if (now == formatted_) return {text_.data(), text_.size()};
    formatted_ = now;
    const auto day = floor<days>(now);
    const year_month_day date{day};
    const hh_mm_ss time{now - day};
    constexpr std::string_view pattern = "Sun, 00 Jan 0000 00:00:00 GMT";
    std::ranges::copy(pattern, text_.begin());
    constexpr std::string_view week = "SunMonTueWedThuFriSat";
    constexpr std::string_view year = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::ranges::copy(week.substr(3 * weekday{day}.c_encoding(), 3), text_.begin());
    put_two(&text_[5], unsigned{date.day()});
    std::ranges::copy(year.substr(3 * (unsigned{date.month()} - 1), 3), &text_[8]);
    const auto full_year = static_cast<unsigned>(int{date.year()});
    put_two(&text_[12], full_year / 100);
    put_two(&text_[14], full_year % 100);
    put_two(&text_[17], static_cast<unsigned>(time.hours().count()));
    put_two(&text_[20], static_cast<unsigned>(time.minutes().count()));
    put_two(&text_[23], static_cast<unsigned>(time.seconds().count()));
    return {text_.data(), text_.size()};
}

} // namespace gatehouse::gateway
