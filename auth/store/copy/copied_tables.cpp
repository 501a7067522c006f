#include "auth/store/copy/copied_tables.hpp"

namespace gatehouse::auth {

namespace {

using enum FieldKind;

constexpr CopiedColumn users[] = {
    {"id", text},
    {"username", text},
    {"folded_username", text},
    {"email", text},
    {"folded_email", text},
    {"password_hash", text},
    {"roles", text},
    {"roles_changed_ms", number},
    {"blocked", truth},
    {"created", number},
    {"verified_email", text, 8, ""},
    {"verified_at", number, 8, "0"},
};

constexpr CopiedColumn names[] = {
    {"folded",  text},
    {"user_id", text},
};

constexpr CopiedColumn invites[] = {
    {"hash",       text  },
    {"expires_at", number},
};

constexpr CopiedColumn sessions[] = {
    {"number", number},
    {"id", text},
    {"user_id", text},
    {"generation", number},
    {"issued_at", number},
    {"expires_at", number},
    {"login_at", number},
    {"used_ms", number},
    {"delivery", number},
    {"address", text},
    {"user_agent", text},
    {"ended_ms", number},
    {"amr", text, 6, "3:pwd,"},
    {"unseen", number, 6, "0"},
};

constexpr CopiedColumn superseded[] = {
    {"session",    number},
    {"generation", number},
    {"at_ms",      number},
};

constexpr CopiedColumn changes[] = {
    {"sequence", number},
    {"kind",     number},
    {"subject",  text  },
    {"roles",    text  },
    {"at_ms",    number},
};

constexpr CopiedColumn kept_keys[] = {
    {"name",    text  },
    {"version", number},
    {"bytes",   bytes },
};

constexpr CopiedColumn audit[] = {
    {"number",     number},
    {"at_ms",      number},
    {"event",      text  },
    {"outcome",    text  },
    {"user_id",    text  },
    {"session_id", text  },
    {"address",    text  },
    {"request_id", text  },
    {"detail",     text  },
};

constexpr CopiedColumn api_keys[] = {
    {"id",         text  },
    {"user_id",    text  },
    {"name",       text  },
    {"digest",     bytes },
    {"scopes",     text  },
    {"created",    number},
    {"expires_at", number},
    {"used_at",    number},
    {"revoked_ms", number},
};

constexpr CopiedColumn passkeys[] = {
    {"id",              bytes },
    {"user_id",         text  },
    {"name",            text  },
    {"cose_key",        bytes },
    {"aaguid",          bytes },
    {"transports",      text  },
    {"sign_count",      number},
    {"backup_eligible", truth },
    {"backed_up",       truth },
    {"created",         number},
    {"used_at",         number},
};

constexpr CopiedColumn spent[] = {
    {"digest",     bytes },
    {"expires_at", number},
};

constexpr CopiedColumn second_factors[] = {
    {"user_id",   text  },
    {"sealed",    bytes },
    {"in_force",  truth },
    {"created",   number},
    {"last_used", number},
};

constexpr CopiedColumn recovery_codes[] = {
    {"user_id", text },
    {"digest",  bytes},
};

constexpr CopiedColumn mails[] = {
    {"id",          text  },
    {"kind",        number},
    {"user_id",     text  },
    {"address",     text  },
    {"created",     number},
    {"expires_at",  number},
    {"attempts",    number},
    {"next_try_ms", number},
};

constexpr CopiedColumn links[] = {
    {"digest",     bytes },
    {"purpose",    number},
    {"user_id",    text  },
    {"address",    text  },
    {"expires_at", number},
};

constexpr CopiedTable tables[] = {
    {"users",          users,          1, false},
    {"names",          names,          1, false},
    {"invites",        invites,        1, false},
    {"sessions",       sessions,       1, true },
    {"superseded",     superseded,     2, false},
    {"changes",        changes,        1, false},
    {"kept_keys",      kept_keys,      1, false},
    {"api_keys",       api_keys,       1, false},
    {"passkeys",       passkeys,       1, false},
    {"spent",          spent,          1, false},
    {"second_factors", second_factors, 1, false},
    {"recovery_codes", recovery_codes, 2, false},
    {"mails",          mails,          1, false},
    {"links",          links,          1, false},
    {"audit",          audit,          1, true },
};

constexpr std::string_view left_behind[] = {"schema", "feed", "leases", "replicas", "throttle"};

[[nodiscard]] std::string joined(std::span<const CopiedColumn> columns)
{
    std::string list;
    for (const auto& column : columns) {
        if (!list.empty()) list += ", ";
        list += column.name;
    }
    return list;
}

} // namespace

std::string CopiedTable::column_list() const
{
    return joined(columns);
}

std::string CopiedTable::column_list(std::int64_t version, std::string_view cast) const
{
    std::string list;
    for (const auto& column : columns) {
        if (!list.empty()) list += ", ";
        if (version >= column.since) {
            list += column.name;
        } else if (column.kind == number) {
            list += column.before;
        } else {
            list.append("'").append(column.before).append("'").append(cast);
        }
    }
    return list;
}

std::string CopiedTable::key_list() const
{
    return joined(columns.first(key));
}

std::span<const CopiedTable> copied_tables() noexcept
{
    return tables;
}

std::span<const std::string_view> tables_left_behind() noexcept
{
    return left_behind;
}

} // namespace gatehouse::auth
