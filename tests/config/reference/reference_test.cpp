#include "config/environment/read_file.hpp"
#include "config/reference/reference.hpp"
#include "config/reference/schema.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace gatehouse::config {
namespace {

constexpr auto path = GATEHOUSE_SOURCE_DIR "/docs/CONFIGURATION.md";
constexpr std::string_view begin = "<!-- keys: begin -->\n";
constexpr std::string_view end = "<!-- keys: end -->\n";

TEST(Reference, OfTheDocsIsWhatTheTablesSay)
{
    const auto file = read_file(path, 1024 * 1024);
    ASSERT_TRUE(file) << path;
    const auto first = file->find(begin);
    const auto last = file->find(end);
    ASSERT_NE(first, std::string::npos);
    ASSERT_NE(last, std::string::npos);
    const auto start = first + begin.size();
    const auto expected = configuration_reference();

    if (std::getenv("GATEHOUSE_WRITE_DOCS") != nullptr) {
        std::ofstream{path} << file->substr(0, start) << expected << file->substr(last);
        return;
    }
    EXPECT_EQ(file->substr(start, last - start), expected)
        << "docs/CONFIGURATION.md is not true any more. Write it anew with\n"
           "  GATEHOUSE_WRITE_DOCS=1 build/dev/tests/config_tests --gtest_filter='Reference.*'";
}

TEST(Reference, OfEditorsIsWhatTheTablesSay)
{
    constexpr auto file = GATEHOUSE_SOURCE_DIR "/config/gatehouse.schema.json";
    const auto expected = configuration_schema();
    if (std::getenv("GATEHOUSE_WRITE_DOCS") != nullptr) {
        std::ofstream{file} << expected;
        return;
    }
    const auto found = read_file(file, 1024 * 1024);
    ASSERT_TRUE(found) << file;
    EXPECT_EQ(*found, expected)
        << "config/gatehouse.schema.json is not true any more. Write it anew with\n"
           "  GATEHOUSE_WRITE_DOCS=1 build/dev/tests/config_tests --gtest_filter='Reference.*'";
}

TEST(Reference, ListsKeysOfEveryDepth)
{
    const auto text = configuration_reference();
    for (const auto* row : {
             "| `tokens.access_ttl` | `1h` | 1s to 1d | Life of an access token. **Needs a "
             "restart.** |",
             "| `tokens.refresh_ttl` | `365d` | 1s to 3650d | Life of a refresh token",
             "| `auth.max_body` | `16KiB` | 256B to 1MiB |",
             "| `routes[].match` | **required** |",
             "| `routes[].cors.max_age` | `10m` | 0 to 1d |",
             "| `auth.cors.origins` | **required** |",
             "| `upstreams.<name>.balance` | `round_robin` | `round_robin`, `least_requests`, "
             "`hash` |",
             "| `refresh.on_straggler` | not set | `refuse`, `repeat` |",
             "| `routes[].auth` | `required` | `required`, `optional`, `none`, `{roles: [..]}` |",
         }) {
        EXPECT_NE(text.find(row), std::string::npos) << row << "\nin\n" << text;
    }
}

} // namespace
} // namespace gatehouse::config
