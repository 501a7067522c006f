#include "gateway/observe/second_text.hpp"

#include "gateway/observe/line_cursor.hpp"

#include <chrono>

namespace gatehouse::gateway {

void SecondText::format(auth::Seconds second) noexcept
{
    using namespace std::chrono;
    formatted_ = second;
    const auto day = floor<days>(second);
    const year_month_day date{day};
    const hh_mm_ss time{second - day};
    LineCursor out(text_.data());
    out.put_padded<4>(static_cast<unsigned>(int{date.year()}));
    out.put('-');
    out.put_padded<2>(unsigned{date.month()});
    out.put('-');
    out.put_padded<2>(unsigned{date.day()});
    out.put('T');
    out.put_padded<2>(static_cast<unsigned>(time.hours().count()));
    out.put(':');
    out.put_padded<2>(static_cast<unsigned>(time.minutes().count()));
    out.put(':');
    out.put_padded<2>(static_cast<unsigned>(time.seconds().count()));
}

} // namespace gatehouse::gateway
