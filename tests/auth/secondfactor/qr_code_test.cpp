#include "auth/secondfactor/qr_code.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::auth {
namespace {

std::string svg_of(const std::string& text)
{
    const auto svg = qr_code_svg(text);
    return svg ? std::string(svg->reveal()) : "";
}

TEST(QrCode, IsAPictureOfTwoPathsAndNothingElse)
{
    const auto svg = svg_of("otpauth://totp/x");
    EXPECT_TRUE(svg.starts_with(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33" )"))
        << svg; // 25 modules: 16 bytes with correction M are version 2; and 4 on each side
    EXPECT_TRUE(svg.ends_with("z\"/></svg>")) << svg;
    EXPECT_EQ(svg.find("otpauth"), svg.npos);
    EXPECT_EQ(svg.find("style"), svg.npos);
    // The finder patterns begin with seven dark modules, left and right.
    EXPECT_NE(svg.find("M4 4h7v1h-7z"), svg.npos) << svg;
    EXPECT_NE(svg.find("M22 4h7v1h-7z"), svg.npos) << svg;
}

TEST(QrCode, HoldsAnyByteUpToWhatFits)
{
    EXPECT_NE(svg_of(std::string("a\0<&\xff", 5)), "");
    EXPECT_NE(svg_of(std::string(2331, 'a')), "");
    EXPECT_EQ(svg_of(std::string(2332, 'a')), "");
}

} // namespace
} // namespace gatehouse::auth
