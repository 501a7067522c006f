#include "auth/secondfactor/qr_code.hpp"

#include <qrencode.h>

#include <memory>
#include <string>
#include <utility>

namespace gatehouse::auth {
namespace {

constexpr int quiet_zone = 4; // ISO 18004 asks for four modules around it

struct Free {
    void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

bool is_dark(const QRcode& code, int row, int column) noexcept
{
    return (code.data[row * code.width + column] & 1U) != 0;
}

/// `M x y h n v 1 h -n z` for each run of dark modules in a row.
void draw_row(const QRcode& code, int row, std::string& path)
{
    for (int column = 0; column < code.width; ++column) {
        if (!is_dark(code, row, column)) continue;
        const int begin = column;
        while (column < code.width && is_dark(code, row, column)) ++column;
        const auto run = std::to_string(column - begin);
        path += 'M' + std::to_string(begin + quiet_zone) + ' ' + std::to_string(row + quiet_zone);
        path += 'h' + run + "v1h-" + run + 'z';
    }
}

} // namespace

std::optional<Secret> qr_code_svg(std::string_view text)
{
    const std::unique_ptr<QRcode, Free> code(
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
    if (!code) return std::nullopt;
    const auto side = std::to_string(code->width + 2 * quiet_zone);
    std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )";
    svg += side + ' ' + side + R"(" shape-rendering="crispEdges">)";
    svg += R"(<path fill="#fff" d="M0 0h)" + side + 'v' + side + "h-" + side + R"(z"/>)";
    svg += R"(<path fill="#000" d=")";
    for (int row = 0; row < code->width; ++row) draw_row(*code, row, svg);
    svg += R"("/></svg>)";
    return Secret(std::move(svg));
}

} // namespace gatehouse::auth
