#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <chrono>
#include <string>

namespace gatehouse::config {

enum class TotpMode { where_possible, on, off };

constexpr auto words(TotpMode)
{
    using enum TotpMode;
    return std::array{
        Word{"auto", where_possible},
        Word{"on",   on            },
        Word{"off",  off           }
    };
}

/// What users may ask of themselves besides the password. YAML: `second_factor`.
struct SecondFactorSettings {
    TotpMode totp = TotpMode::where_possible;
    std::string issuer; // empty: tokens.issuer
    std::chrono::seconds login_ttl = 5min;
    std::chrono::seconds enrolment_ttl = 10min;
    std::string sealing_file;
    /// What is in that file.
    Secret sealing_secret;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = SecondFactorSettings;
        table.key("totp", &Self::totp, AsTyped{},
                  "Whether users may set up an authenticator app. `auto`: where there is something "
                  "to seal its secrets under. `off`: nobody sets up one any more; whoever has one "
                  "is asked for codes all the same.");
        table.key("issuer", &Self::issuer, forms::word,
                  "What such an app shows as the name of the service. Without: `tokens.issuer`.");
        table.key("login_ttl", &Self::login_ttl, between(30s, 30min),
                  "How long a login waits for its code after the password.");
        table.key("enrolment_ttl", &Self::enrolment_ttl, between(1min, 1h),
                  "How long somebody who sets it up has to show the first code.");
        table.key(
            "sealing_file", &Self::sealing_file, forms::file_path,
            at_start("Holds the secret under which the store keeps the secrets of these apps. "
                     "Without: that under which it keeps the signing keys, else a file beside an "
                     "SQLite store, `STORE.totp.key`."));
    }
};

} // namespace gatehouse::config
