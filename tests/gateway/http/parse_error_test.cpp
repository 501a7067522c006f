#include "gateway/http/parse_error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace gatehouse::gateway {
namespace {

constexpr int last_error = static_cast<int>(ParseError::trailers_too_large);

TEST(ParseError, HasItsOwnWordsForEachCause)
{
    std::set<std::string_view> words;
    for (int i = 0; i <= last_error; ++i) words.insert(to_string(static_cast<ParseError>(i)));
    EXPECT_EQ(words.size(), static_cast<std::size_t>(last_error) + 1);

    std::ostringstream printed;
    printed << ParseError::bare_lf;
    EXPECT_EQ(printed.str(), "bare LF");
}

TEST(ParseError, BecomesTheRefusalTheContractNames)
{
    for (int i = 0; i <= last_error; ++i) {
        const auto error = static_cast<ParseError>(i);
        SCOPED_TRACE(to_string(error));
        auto expected = RefusalCode::bad_request;
        switch (error) {
        case ParseError::head_too_large:
        case ParseError::too_many_fields:
        case ParseError::trailers_too_large:
            expected = RefusalCode::headers_too_large;
            break;
        case ParseError::target_too_long:
            expected = RefusalCode::uri_too_long;
            break;
        case ParseError::unknown_transfer_encoding:
        case ParseError::refused_method:
            expected = RefusalCode::not_implemented;
            break;
        default:
            break;
        }
        EXPECT_EQ(refusal_of(error), expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
