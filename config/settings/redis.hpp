#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::config {

/// What the URL in `sessions.store` does not say about a Redis. YAML: `redis`.
struct RedisSettings {
    std::uint32_t connections = 16;
    std::string password_file{};
    std::string ca_file{};
    std::string certificate{};
    std::string key{};
    bool accept_data_loss = false;

    /// From password_file, else from REDIS_PASSWORD (never YAML).
    Secret password{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RedisSettings;
        table.key("connections", &Self::connections, count(2, 1000),
                  "Most connections of one gateway.");
        table.key("password_file", &Self::password_file, forms::file_path,
                  "Holds the password. Without: `REDIS_PASSWORD` from the environment, or none.");
        table.key("ca_file", &Self::ca_file, forms::file_path,
                  "With `rediss://`: who may have signed the server's certificate (PEM). Without: "
                  "the system's authorities.");
        table.key("certificate", &Self::certificate, forms::file_path,
                  "With `rediss://`: a certificate to show, if the server wants one (PEM).");
        table.key("key", &Self::key, forms::file_path, "The certificate's private key (PEM).");
        table.key("accept_data_loss", &Self::accept_data_loss, AsTyped{},
                  "Whether a server will do that may forget what it acknowledged (without "
                  "`appendonly yes` and `appendfsync always`), or that does not tell.");
    }
};

} // namespace gatehouse::config
