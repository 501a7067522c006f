// docs/API.md names every refusal with its status, and every code it names exists.
#include "gateway/pipeline/refusal.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace gatehouse::gateway {
namespace {

/// The rows `| 401 | `token_expired` |` of the document, as "401 token_expired".
[[nodiscard]] std::multiset<std::string> documented()
{
    std::multiset<std::string> rows;
    std::ifstream document(GATEHOUSE_SOURCE_DIR "/docs/API.md");
    for (std::string line; std::getline(document, line);) {
        const bool is_row = line.size() > 10 && line.starts_with("| ") && line[2] >= '4' &&
                            line[2] <= '5' && line.substr(5, 4) == " | `";
        if (!is_row) continue;
        const auto end = line.find('`', 9);
        rows.insert(line.substr(2, 3) + ' ' + line.substr(9, end - 9));
    }
    return rows;
}

TEST(ApiDocument, NamesEveryRefusalOnceWithItsStatus)
{
    std::multiset<std::string> rows;
    for (int i = 0; i <= static_cast<int>(RefusalCode::upstream_timeout); ++i) {
        const auto code = static_cast<RefusalCode>(i);
        rows.insert(std::to_string(status_of(code)) + ' ' + std::string(to_string(code)));
    }
    EXPECT_EQ(documented(), rows);
}

} // namespace
} // namespace gatehouse::gateway
