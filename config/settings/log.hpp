#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::config {

enum class LogFormat { json, combined, dev };

constexpr auto words(LogFormat)
{
    using enum LogFormat;
    return std::array{
        Word{"json",     json    },
        Word{"combined", combined},
        Word{"dev",      dev     }
    };
}

enum class LogOutput { standard_output, standard_error };

constexpr auto words(LogOutput)
{
    using enum LogOutput;
    return std::array{
        Word{"stdout", standard_output},
        Word{"stderr", standard_error }
    };
}

/// How much of the gateway's own lines is written: these and all before them.
enum class LogLevel { error, warn, info, debug };

constexpr auto words(LogLevel)
{
    using enum LogLevel;
    return std::array{
        Word{"error", error},
        Word{"warn",  warn },
        Word{"info",  info },
        Word{"debug", debug}
    };
}

/// What the line of a request may say. The names are those of the members in JSON.
enum class LogField {
    client,
    method,
    host,
    path,
    query,
    protocol,
    status,
    bytes_in,
    bytes_out,
    milliseconds,
    user_id,
    request_id,
    upstream,
    refusal,
    would_refuse,
    reason,
    referer,
    user_agent,
    trace_id,
    cache,
    tls,
    tls_resumed,
    certificate
};

constexpr auto words(LogField)
{
    using enum LogField;
    return std::array{
        Word{"client",       client      },
        Word{"method",       method      },
        Word{"host",         host        },
        Word{"path",         path        },
        Word{"query",        query       },
        Word{"protocol",     protocol    },
        Word{"status",       status      },
        Word{"bytes_in",     bytes_in    },
        Word{"bytes_out",    bytes_out   },
        Word{"milliseconds", milliseconds},
        Word{"user_id",      user_id     },
        Word{"request_id",   request_id  },
        Word{"upstream",     upstream    },
        Word{"refusal",      refusal     },
        Word{"would_refuse", would_refuse},
        Word{"reason",       reason      },
        Word{"referer",      referer     },
        Word{"user_agent",   user_agent  },
        Word{"trace_id",     trace_id    },
        Word{"cache",        cache       },
        Word{"tls",          tls         },
        Word{"tls_resumed",  tls_resumed },
        Word{"certificate",  certificate }
    };
}

/// What becomes of a value that says who somebody is.
enum class Redaction { keep, mask, hash, drop };

constexpr auto words(Redaction)
{
    using enum Redaction;
    return std::array{
        Word{"keep", keep},
        Word{"mask", mask},
        Word{"hash", hash},
        Word{"drop", drop}
    };
}

/// What becomes of a text of the client's; credentials in it are never kept.
enum class TextRedaction { mask, hash, drop };

constexpr auto words(TextRedaction)
{
    using enum TextRedaction;
    return std::array{
        Word{"mask", mask},
        Word{"hash", hash},
        Word{"drop", drop}
    };
}

/// YAML: `log.redact`.
struct RedactSettings {
    Redaction client = Redaction::keep;
    Redaction user_id = Redaction::keep;
    Redaction host = Redaction::keep;
    TextRedaction path = TextRedaction::mask;
    TextRedaction query = TextRedaction::mask;
    TextRedaction referer = TextRedaction::mask;
    TextRedaction user_agent = TextRedaction::mask;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RedactSettings;
        table.key("client", &Self::client, AsTyped{},
                  "Addresses, also in security events: `mask` keeps the network (/24, /48), "
                  "`hash` says only whether two are the same, until the gateway starts anew.");
        table.key("user_id", &Self::user_id, AsTyped{},
                  "User ids, also in security events; `mask` says that there was one.");
        table.key("host", &Self::host, AsTyped{}, "The Host that was asked.");
        table.key("path", &Self::path, AsTyped{},
                  "`mask` hides tokens, API keys and what belongs to a name of `log.mask`.");
        table.key("query", &Self::query, AsTyped{}, "The same of the query.");
        table.key("referer", &Self::referer, AsTyped{}, "The same of the field Referer.");
        table.key("user_agent", &Self::user_agent, AsTyped{}, "The same of the field User-Agent.");
    }
};

/// YAML: `log`.
struct LogSettings {
    LogFormat format = LogFormat::json;
    bool access = true;
    LogOutput output = LogOutput::standard_output;
    std::string file;
    LogLevel level = LogLevel::info;
    std::vector<std::string> fields;
    RedactSettings redact;
    std::vector<std::string> mask{"token",
                                  "access_token",
                                  "refresh_token",
                                  "id_token",
                                  "code",
                                  "password",
                                  "passwd",
                                  "pwd",
                                  "secret",
                                  "client_secret",
                                  "api_key",
                                  "key",
                                  "signature",
                                  "sig",
                                  "auth",
                                  "bearer",
                                  "jwt",
                                  "session",
                                  "authorization",
                                  "credential",
                                  "invite",
                                  "otp",
                                  "x-amz-signature",
                                  "x-amz-security-token"};
    double sample = 1;
    std::chrono::milliseconds slow = 1s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = LogSettings;
        table.key("format", &Self::format, AsTyped{},
                  at_start("JSON lines, the combined format of Apache and nginx (then all but "
                           "requests is written to standard error, as JSON), or short lines for "
                           "people."));
        table.key("access", &Self::access, AsTyped{}, "Whether each request writes one line.");
        table.key("output", &Self::output, AsTyped{},
                  at_start("Where lines go, unless `file` is set."));
        table.key("file", &Self::file, forms::file_path,
                  at_start("A file that lines are appended to; SIGUSR1 opens it anew."));
        table.key("level", &Self::level, AsTyped{},
                  "How much the gateway says of itself; requests and security events have "
                  "settings of their own.");
        table.key("fields", &Self::fields, forms::log_field,
                  "What the line of a request says. With `combined`: what it says besides.");
        table.section("redact", &Self::redact, at_start("What lines may say of people."));
        table.key("mask", &Self::mask, forms::query_name,
                  at_start("Names whose values no line shows, in any case and with or without `-` "
                           "and `_`."));
        table.key("sample", &Self::sample, Ratio{},
                  "Which part of the requests writes a line. Errors, refusals and slow requests "
                  "always do.");
        table.key("slow", &Self::slow, between(1ms, 24h), "From when on a request is slow.");
    }
};

} // namespace gatehouse::config
