#include "config/load/secrets.hpp"

#include "config/basics/enforced.hpp"
#include "config/environment/read_file.hpp"
#include "config/forms/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace gatehouse::config {
namespace {

// More than any secret; a folder or a device named by mistake is noticed.
constexpr std::size_t longest_secret_file = 4096;

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

/// The content of the file that `key` names, without its last line break.
Secret secret_in_file(const std::string& key, const std::string& name, std::string_view what,
                      const std::string& folder, const Node& root, Report& report)
{
    const auto path = std::filesystem::path{folder} / name;
    report.draws_in(path.string());
    auto content = read_file(path.string(), longest_secret_file);
    if (!content) {
        report.error(nearest_node(root, key), key,
                     {path.string() + " " + content.error().message,
                      fmt::format("write the {} into that file, readable for this user", what)});
        return {};
    }
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    return Secret{std::move(*content)};
}

} // namespace

void take_secrets(const Environment& environment, TokenSettings& tokens)
{
    tokens.access_secret = secret_of(environment, "ACCESS_TOKEN_SECRET");
    tokens.refresh_secret = secret_of(environment, "REFRESH_TOKEN_SECRET");
    tokens.access_secrets_previous = secrets_of(environment, "ACCESS_TOKEN_SECRET_PREVIOUS");
    tokens.refresh_secrets_previous = secrets_of(environment, "REFRESH_TOKEN_SECRET_PREVIOUS");
}

void take_sealing_secret(TokenSettings& tokens, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report)
{
    tokens.sealing_secrets_previous = secrets_of(environment, "SEALING_SECRET_PREVIOUS");
    tokens.sealing_secret = tokens.sealing_file.empty()
                                ? secret_of(environment, "SEALING_SECRET")
                                : secret_in_file("tokens.sealing_file", tokens.sealing_file,
                                                 "secret", folder, root, report);
}

void take_second_factor_secret(SecondFactorSettings& settings, const std::string& folder,
                               const Node& root, Report& report)
{
    if (settings.sealing_file.empty()) return;
    settings.sealing_secret = secret_in_file("second_factor.sealing_file", settings.sealing_file,
                                             "secret", folder, root, report);
}

void take_postgres_password(Settings& settings, const Environment& environment,
                            const std::string& folder, const Node& root, Report& report)
{
    auto& postgres = settings.postgres;
    // Where it is written down it is read, also with another store: `store copy` may go there.
    if (postgres.password_file.empty()) {
        if (is_postgres(settings.store)) postgres.password = secret_of(environment, "PGPASSWORD");
        return;
    }
    postgres.password = secret_in_file("postgres.password_file", postgres.password_file, "password",
                                       folder, root, report);
}

void take_redis_password(Settings& settings, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report)
{
    if (settings.sessions.store.empty()) return;
    auto& redis = settings.redis;
    redis.password = redis.password_file.empty()
                         ? secret_of(environment, "REDIS_PASSWORD")
                         : secret_in_file("redis.password_file", redis.password_file, "password",
                                          folder, root, report);
}

void take_mail_password(Settings& settings, const Environment& environment,
                        const std::string& folder, const Node& root, Report& report)
{
    auto& mail = settings.mail;
    if (!mail.is_on() || mail.user.empty()) return;
    mail.password = mail.password_file.empty()
                        ? secret_of(environment, "SMTP_PASSWORD")
                        : secret_in_file("mail.password_file", mail.password_file, "password",
                                         folder, root, report);
}

void take_admin_token(Settings& settings, const Environment& environment, const std::string& folder,
                      Report& report)
{
    constexpr auto variable = "GATEHOUSE_ADMIN_TOKEN";
    auto& admin = settings.admin_api;
    admin.token = secret_of(environment, variable);
    const auto text = admin.token.reveal();
    const bool sendable =
        std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
    if (enforced("config.admin_token") && !text.empty() &&
        (text.size() < admin.least_token_bytes || !sendable)) {
        report.error(variable, {"is too short, or no token",
                                fmt::format("write at least {} letters and digits that nobody can "
                                            "guess: openssl rand -hex 32",
                                            admin.least_token_bytes)});
    }
    constexpr std::string_view sqlite = "sqlite:";
    if (settings.store.starts_with(sqlite)) {
        admin.usual_file = settings.store.substr(sqlite.size()) + ".admin-token";
    } else if (settings.store != "memory") {
        const auto state = find(environment, "STATE_DIRECTORY").value_or(folder);
        admin.usual_file =
            (std::filesystem::path{state.substr(0, state.find(':'))} / "gatehouse.admin-token")
                .string();
    }
}

} // namespace gatehouse::config
