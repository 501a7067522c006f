#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::config {

/// Who may use the admin API. YAML: `admin_api`.
struct AdminApiSettings {
    std::string token_file;
    std::string socket; // "": none
    std::vector<std::string> hosts;
    std::uint32_t refusals_per_minute = 30;

    /// 128 bits in hexadecimal digits.
    static constexpr std::size_t least_token_bytes = 32;

    /// From GATEHOUSE_ADMIN_TOKEN (never YAML); it wins over the file.
    Secret token;
    /// Where the token is kept when nothing is said; "": in memory.
    std::string usual_file;

    [[nodiscard]] const std::string& file() const noexcept
    {
        return token_file.empty() ? usual_file : token_file;
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = AdminApiSettings;
        table.key("token_file", &Self::token_file, forms::file_path,
                  "Holds the credential of the admin API, made at the first start where it is "
                  "missing. Without: beside an SQLite store, else `gatehouse.admin-token` in "
                  "`$STATE_DIRECTORY` or in this file's folder. `GATEHOUSE_ADMIN_TOKEN` from the "
                  "environment wins over all files.");
        table.key("socket", &Self::socket, forms::file_path,
                  "A unix socket on which probes, metrics and the admin API answer too; without it "
                  "none. Root and the user of the gateway need no token there, and nobody else is "
                  "let in. At most 107 bytes.");
        table.key("hosts", &Self::hosts, forms::host_pattern,
                  "Names under which the admin API may be called, besides `localhost` and IP "
                  "addresses.");
        table.key("refusals_per_minute", &Self::refusals_per_minute, count(1, 100'000),
                  "Calls with a bad credential or none that one address may make per minute; 429 "
                  "above it. The right credential is always heard.");
    }
};

} // namespace gatehouse::config
