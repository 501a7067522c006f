#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::config {

/// What its URL does not say about a PostgreSQL store. YAML: `postgres`.
struct PostgresSettings {
    std::uint32_t connections = 16;
    std::string password_file{};
    bool accept_data_loss = false;
    bool transaction_pooling = false;
    std::string feed_url{};

    /// From password_file, else from PGPASSWORD (never YAML).
    Secret password{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = PostgresSettings;
        table.key("connections", &Self::connections, count(2, 1000),
                  "Most connections of one gateway; one of them listens for changes.");
        table.key("password_file", &Self::password_file, forms::file_path,
                  "Holds the password. Without: `PGPASSWORD` from the environment, or none.");
        table.key("accept_data_loss", &Self::accept_data_loss, AsTyped{},
                  "Whether a server with `fsync` or `synchronous_commit` off will do.");
        table.key("transaction_pooling", &Self::transaction_pooling, AsTyped{},
                  "Whether the way to it leads through a pooler in transaction mode (pgbouncer): "
                  "nothing is prepared, and timeouts are set in each transaction.");
        table.key("feed_url", &Self::feed_url, forms::postgres_url,
                  "Where to listen for changes, past the pooler. Without, a pooled store is asked "
                  "every `feed.poll`.");
    }
};

} // namespace gatehouse::config
