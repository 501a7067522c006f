#pragma once

#include "config/settings/settings.hpp"
#include "gateway/net/dns.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/sandbox/sandbox.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// Where a gateway writes: its lines, and what it says of itself. In the combined format lines of
/// requests stand alone, and all else goes to standard error.
class LogRooms {
public:
    LogRooms(const config::LogSettings& settings, LogSink sink, std::size_t workers);
    LogRooms(const LogRooms&) = delete;
    LogRooms& operator=(const LogRooms&) = delete;
    ~LogRooms();

    /// For the lines of requests.
    [[nodiscard]] LogWriter& lines() noexcept { return lines_; }

    [[nodiscard]] EventLog& events() noexcept { return events_; }

    /// Other settings, after a reload: only a level that differs from the last one is taken, for
    /// somebody may have changed it meanwhile.
    void use(const config::LogSettings& settings) noexcept;

    // What happens to the gateway as a whole.
    void tell_started(const config::Settings& settings, std::size_t workers,
                      const Sandbox& sandbox);
    /// Of upstreams whose certificates are not verified, a line each.
    void tell_unverified(const config::Settings& settings);
    void tell_keys();
    void tell_first_keys();
    void tell_draining();
    void tell_handed_over();
    /// `was_there`: it was still there to be told so.
    void tell_taken_over(std::int64_t pid, bool was_there);
    void tell_stopped(bool cut_off);
    /// Of an endpoint's name that is looked up beforehand; nothing: it is found again.
    void tell_name(std::string_view host, std::optional<DnsFailure> failure);

    /// Opens the log file anew, soon.
    void reopen() noexcept { lines_.reopen(); }

private:
    void tell(const LogTrouble& trouble);

    const bool for_people_;
    const bool may_be_unwritable_; // its trouble cannot be told in the log itself
    config::LogLevel configured_level_;
    LogWriter lines_;
    std::optional<LogWriter> aside_;
    EventLog events_;
};

} // namespace gatehouse::gateway
