#include "gateway/command/store.hpp"

#include "auth/revocation/logout_terms.hpp"
#include "auth/store/open_stores.hpp"
#include "gateway/command/audit.hpp"
#include "gateway/command/confirm.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <optional>

namespace gatehouse::gateway {
namespace {

using auth::StoreStatus;

class StoreCommand {
public:
    StoreCommand(const config::Settings& settings, Console& console)
        : settings_(settings),
          console_(console)
    {
    }

    int status()
    {
        const auto status = told(auth::status_of_stores(settings_, clock_.now()));
        if (!status) return exit_failed;
        line("kind", status->kind);
        if (!status->contents) {
            line("version", fmt::format("none yet; this program makes {}", status->known_version));
            return exit_ok;
        }
        line("version", fmt::format("{}, for programs that know {} or later; this one knows {}",
                                    status->version, status->usable_from, status->known_version));
        print(*status->contents);
        return exit_ok;
    }

    /// Sessions that are elsewhere have no version, and need not be there.
    int migrate()
    {
        const auto before = tables();
        if (!before) return exit_failed;
        // Opening is what brings them up to date.
        const auto store = told(auth::open_store(settings_.store, auth::StoreRole::command,
                                                 {.postgres = settings_.postgres}));
        if (!store) return exit_failed;
        const auto after = tables();
        if (!after) return exit_failed;
        if (before->version == after->version) {
            line("version", fmt::format("{}, as before", after->version));
            return exit_ok;
        }
        line("version", fmt::format("{}, before {}", after->version, before->version));
        line("usable",
             fmt::format("for programs that know version {} or later", after->usable_from));
        return exit_ok;
    }

    int fence()
    {
        const auto stores = told(auth::open_stores(settings_, auth::StoreRole::command));
        if (!stores) return exit_failed;
        const auto ended = stores->store->end_every_session(clock_.now());
        if (!ended) {
            console_.err << "the store does not answer; some sessions may have ended\n"
                            "  hint: run `gatehouse store fence` once more\n";
            return exit_failed;
        }
        const auto many = fmt::format("{} sessions", *ended);
        keep_record_of(
            event_of_house(auth::SecurityEventKind::store_fence, "ok", clock_.now(), many),
            *stores->store, settings_.audit, console_);
        wait_until_confirmed(*stores, settings_);
        line("ended", many);
        return exit_ok;
    }

private:
    [[nodiscard]] std::optional<StoreStatus> tables()
    {
        return told(auth::status_of_store(settings_.store, settings_.postgres, clock_.now()));
    }

    /// What came of it; nothing, once the operator was told why.
    template <class T>
    [[nodiscard]] std::optional<T> told(Result<T, std::string> result)
    {
        if (result) return *std::move(result);
        console_.err << result.error() << "\n";
        return std::nullopt;
    }

    /// What runs beside each other although it must not.
    void warn(const StoreStatus::Contents& contents)
    {
        const auto terms = auth::logout_terms_in(contents.leases, clock_.now());
        if (terms.size() < 2) return;
        line("WARNING", "gateways on this store differ in `logout` or `feed_lease`; no logout is "
                        "confirmed until all have the same");
    }

    void print(const StoreStatus::Contents& contents)
    {
        line("users", std::to_string(contents.users));
        const auto where = contents.sessions_at.empty() ? "" : ", in " + contents.sessions_at;
        line("sessions", fmt::format("{} live{}", contents.live_sessions, where));
        line("changes", contents.changed_at ? fmt::format("{}, at {}", contents.newest_change,
                                                          at(*contents.changed_at))
                                            : std::to_string(contents.newest_change));
        if (contents.leases.empty()) line("leases", "none");
        for (const auto& lease : contents.leases) {
            line("lease", fmt::format("{}, {}, until {}", printable(lease.name),
                                      printable(lease.holder), at(lease.until)));
        }
        warn(contents);
    }

    [[nodiscard]] static std::string at(auth::Millis time)
    {
        return utc(std::chrono::floor<std::chrono::seconds>(time));
    }

    void line(std::string_view what, std::string_view value)
    {
        console_.out << fmt::format("{:9} {}\n", what, value);
    }

    const config::Settings& settings_;
    Console& console_;
    auth::SystemClock clock_;
};

} // namespace

int run_store_command(const Arguments& arguments, const config::Settings& settings,
                      Console& console)
{
    StoreCommand command(settings, console);
    switch (arguments.command) {
    case CommandName::store_migrate:
        return command.migrate();
    case CommandName::store_fence:
        return command.fence();
    default:
        return command.status();
    }
}

} // namespace gatehouse::gateway
