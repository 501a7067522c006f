#include "config/load/secrets.hpp"

#include "config/environment/read_file.hpp"
#include "config/forms/address.hpp"

#include <filesystem>

namespace gatehouse::config {
namespace {

// More than any password; a folder or a device named by mistake is noticed.
constexpr std::size_t longest_password_file = 4096;

Secret secret_of(const Environment& environment, std::string_view name)
{
    return Secret{std::string{find(environment, name).value_or("")}};
}

std::vector<Secret> secrets_of(const Environment& environment, std::string_view name)
{
    std::vector<Secret> secrets;
    auto list = find(environment, name).value_or("");
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        if (end > 0) secrets.emplace_back(std::string{list.substr(0, end)});
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return secrets;
}

} // namespace

void take_secrets(const Environment& environment, TokenSettings& tokens)
{
    tokens.access_secret = secret_of(environment, "ACCESS_TOKEN_SECRET");
    tokens.refresh_secret = secret_of(environment, "REFRESH_TOKEN_SECRET");
    tokens.access_secrets_previous = secrets_of(environment, "ACCESS_TOKEN_SECRET_PREVIOUS");
    tokens.refresh_secrets_previous = secrets_of(environment, "REFRESH_TOKEN_SECRET_PREVIOUS");
}

void take_postgres_password(Settings& settings, const Environment& environment,
                            const std::string& folder, const Node& root, Report& report)
{
    if (!is_postgres(settings.store)) return;
    auto& postgres = settings.postgres;
    if (postgres.password_file.empty()) {
        postgres.password = secret_of(environment, "PGPASSWORD");
        return;
    }
    const std::string key = "postgres.password_file";
    const auto path = std::filesystem::path{folder} / postgres.password_file;
    auto content = read_file(path.string(), longest_password_file);
    if (!content) {
        report.error(nearest_node(root, key), key,
                     {path.string() + " " + content.error().message,
                      "write the password into that file, readable for this user"});
        return;
    }
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    postgres.password = Secret{std::move(*content)};
}

} // namespace gatehouse::config
