#include "config/load/secrets.hpp"

namespace gatehouse::config {
namespace {

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

} // namespace gatehouse::config
