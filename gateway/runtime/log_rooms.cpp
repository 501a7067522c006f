#include "gateway/runtime/log_rooms.hpp"

#include "gateway/net/descriptors.hpp"

#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Straight to standard error: the log itself takes nothing. One attempt; who reads it, reads it.
void tell_aside(std::string_view reason, bool for_people)
{
    const std::array<Fact, 1> facts{{{"reason", reason}}};
    Event event;
    event.at = auth::SystemClock().now();
    event.level = config::word_for(config::LogLevel::error);
    event.name = "log_unwritable";
    event.message = "lines of the log are being lost";
    event.facts = facts;
    const auto line = event_line(event, for_people) + "\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace

LogRooms::LogRooms(const config::LogSettings& settings, LogSink sink, std::size_t workers)
    : for_people_(settings.format == config::LogFormat::dev),
      may_be_unwritable_(sink.descriptor() != STDERR_FILENO),
      configured_level_(settings.level),
      lines_(std::move(sink), workers),
      events_(
          [&]() -> LogWriter& {
              if (settings.format != config::LogFormat::combined) return lines_;
              return aside_.emplace(STDERR_FILENO, 0);
          }(),
          settings)
{
    lines_.on_trouble([this](const LogTrouble& trouble) { tell(trouble); });
}

LogRooms::~LogRooms()
{
    lines_.on_trouble({}); // its thread ends after the log that it tells
}

void LogRooms::use(const config::LogSettings& settings) noexcept
{
    if (settings.level == configured_level_) return;
    configured_level_ = settings.level;
    events_.set_level(settings.level);
}

void LogRooms::tell_started(const config::Settings& settings, std::size_t workers,
                            const Sandbox& sandbox)
{
    std::string addresses;
    for (const auto& listen : settings.listen) {
        if (!addresses.empty()) addresses += ' ';
        addresses += listen.address;
    }
    events_.say(config::LogLevel::info, "started", "the gateway serves",
                {
                    {"version", GATEHOUSE_VERSION},
                    {"listen", addresses},
                    {"workers", std::to_string(workers), true},
                    {"sandbox", sandbox.words()}
    });
    // One for each at least, and another one while it is served by an upstream.
    const auto connections = settings.limits.connections;
    if (const auto descriptors = descriptor_limit(); descriptors < connections) {
        events_.say(config::LogLevel::warn, "descriptors_few",
                    "there may be fewer descriptors than limits.connections: raise their limit",
                    {
                        {"descriptors",        std::to_string(descriptors), true},
                        {"limits.connections", std::to_string(connections), true}
        });
    }
    for (const auto& why : sandbox.missing) {
        events_.say(config::LogLevel::warn, "sandbox_incomplete",
                    "the process could not give up all that it has no use for",
                    {
                        {"reason", why}
        });
    }
    tell_unverified(settings);
}

void LogRooms::tell_unverified(const config::Settings& settings)
{
    for (const auto& [name, upstream] : settings.upstreams) {
        if (!upstream.tls || upstream.tls->verify) continue;
        events_.say(config::LogLevel::warn, "upstream_unverified",
                    "WHOEVER ANSWERS IS TAKEN FOR THE SERVICE: its certificate is not looked at",
                    {
                        {"upstream", name                               },
                        {"setting",  "upstreams." + name + ".tls.verify"}
        });
    }
}

void LogRooms::tell_keys()
{
    events_.say(config::LogLevel::info, "keys", "every worker has the keys of now");
}

void LogRooms::tell_first_keys()
{
    events_.say(config::LogLevel::info, "keys_made",
                "there were no keys and new ones were made: tokens from before are refused");
}

void LogRooms::tell_draining()
{
    events_.say(config::LogLevel::info, "draining", "running requests complete, then it ends");
}

void LogRooms::tell_handed_over()
{
    events_.say(config::LogLevel::info, "handed_over",
                "another process serves; running requests complete, then this one ends");
}

void LogRooms::tell_taken_over(std::int64_t pid, bool was_there)
{
    events_.say(was_there ? config::LogLevel::info : config::LogLevel::warn, "taken_over",
                was_there ? "this process serves in the place of another one"
                          : "the gateway that was to be taken over had ended before",
                {
                    {"pid", std::to_string(pid), true}
    });
}

void LogRooms::tell_stopped(bool cut_off)
{
    events_.say(config::LogLevel::info, "stopped",
                cut_off ? "running requests were cut off" : "all requests were complete");
}

void LogRooms::tell_name(std::string_view host, std::optional<DnsFailure> failure)
{
    if (!failure) {
        return events_.say(config::LogLevel::info, "name_found", "the name is found again",
                           {
                               {"host", host}
        });
    }
    const auto* const why =
        *failure == DnsFailure::unknown ? "there is no such name" : "no server answers for it";
    events_.say(config::LogLevel::warn, "name_lost",
                "the name of an endpoint is not found: the last addresses known are used",
                {
                    {"host",   host},
                    {"reason", why }
    });
}

void LogRooms::tell(const LogTrouble& trouble)
{
    using enum config::LogLevel;
    switch (trouble.kind) {
    case LogTrouble::Kind::unwritable:
        if (may_be_unwritable_) tell_aside(trouble.reason, for_people_);
        return;
    case LogTrouble::Kind::lost:
        return events_.say(warn, "log_lost", "lines of the log were lost",
                           {
                               {"lines", std::to_string(trouble.lines), true}
        });
    case LogTrouble::Kind::not_reopened:
        return events_.say(error, "log_not_reopened", "the log goes on in the file that was open",
                           {
                               {"reason", trouble.reason}
        });
    case LogTrouble::Kind::reopened:
        return events_.say(info, "log_reopened", "the log goes on in a new file");
    }
}

} // namespace gatehouse::gateway
