// The documents say exactly which calls there are, and name codes that exist.
#include "auth/json/reader.hpp"
#include "gateway/admin/admin_api.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace gatehouse::gateway {
namespace {

using auth::json::Value;

Value read(std::string_view document)
{
    auto value = auth::json::read(document, {.max_depth = 64});
    EXPECT_TRUE(value) << (value ? "" : to_string(value.error()));
    return value ? *std::move(value) : Value{};
}

std::vector<std::string> calls_in(const Value& document)
{
    std::vector<std::string> calls;
    for (const auto& [path, operations] : *document.find("paths")->object()) {
        for (const auto& [name, operation] : *operations.object()) {
            if (name == "servers") continue;
            std::string method = name;
            std::ranges::transform(method, method.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
            calls.push_back(method + " " + path);
        }
    }
    return calls;
}

/// HEAD stands nowhere: whoever may GET may ask for the head of it.
std::vector<std::string> without_heads(std::vector<std::string> calls)
{
    std::erase_if(calls, [](const auto& call) {
        return call.starts_with("HEAD ") && !call.ends_with("/verify");
    });
    return calls;
}

TEST(OpenApi, NamesEveryCallOfTheAdminApiAndNoOther)
{
    EXPECT_THAT(calls_in(read(admin_openapi)),
                testing::UnorderedElementsAreArray(AdminApi::calls_by_name()));
}

TEST(OpenApi, NamesEveryCallOfTheAuthApiAndNoOther)
{
    EXPECT_THAT(calls_in(read(auth_openapi)),
                testing::UnorderedElementsAreArray(without_heads(AuthApi::calls_by_name())));
}

TEST(OpenApi, NamesCodesThatExistWithTheirStatus)
{
    std::set<std::string> known{"403 invalid_credentials"}; // of the own account
    for (std::size_t i = 0; i < refusal_codes; ++i) {
        const auto code = static_cast<RefusalCode>(i);
        known.insert(std::to_string(status_of(code)) + ' ' + std::string(to_string(code)));
    }
    for (const auto document : {admin_openapi, auth_openapi}) {
        const auto json = read(document);
        for (const auto& [name, response] : *json.find("components")->find("responses")->object()) {
            const auto& schema =
                *response.find("content")->find("application/json")->find("schema");
            const auto& error = *schema.find("allOf")
                                     ->array()
                                     ->at(1)
                                     .find("properties")
                                     ->find("error")
                                     ->find("properties");
            const auto status = error.find("status")->find_integer("const").value_or(0);
            for (const auto& code : *error.find("code")->find("enum")->array()) {
                EXPECT_THAT(known, testing::Contains(std::to_string(status) + ' ' + *code.string()))
                    << name;
            }
        }
    }
}

} // namespace
} // namespace gatehouse::gateway
