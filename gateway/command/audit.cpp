#include "gateway/command/audit.hpp"

#include "auth/accounts/unicode.hpp"
#include "config/diagnostics/nearest.hpp"
#include "gateway/command/moment.hpp"
#include "gateway/observe/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>

namespace gatehouse::gateway {
namespace {

using auth::AuditRecord;
using Trail = auth::AuditTrail;

constexpr std::size_t page = 500;
constexpr std::size_t widest_column = 4096;

/// What a person sees of a text: one word without control, bidi or unseen characters.
std::string shown(std::string_view text)
{
    return text.empty() ? "-" : auth::printable(text, widest_column);
}

void print_line(const AuditRecord& record, std::string& out)
{
    append_time(out, record.at);
    out += fmt::format("  {:16}  {:20}  {:22}  {:22}  {:15}  {:22}", shown(record.event),
                       shown(record.outcome), shown(record.user_id), shown(record.session_id),
                       shown(record.address), shown(record.request_id));
    if (!record.detail.empty()) out += "  " + shown(record.detail);
    out += '\n';
}

/// The names are those of the security log.
void print_json(const AuditRecord& record, std::string& out)
{
    const auto member = [&](std::string_view name, std::string_view value) {
        append_member(out, name, auth::printable(value, widest_column));
    };
    out += R"({"time":")";
    append_time(out, record.at);
    out += '"';
    member("event", record.event);
    member("outcome", record.outcome);
    member("user_id", record.user_id);
    member("session_id", record.session_id);
    member("client", record.address);
    member("request_id", record.request_id);
    member("detail", record.detail);
    out += "}\n";
}

class AuditCommand {
public:
    AuditCommand(const Arguments& arguments, OperatorRooms& rooms, Console& console)
        : arguments_(arguments),
          rooms_(rooms),
          console_(console)
    {
    }

    int list()
    {
        Trail::AuditFilter filter;
        Trail::AuditPlace end;
        if (!read_event(filter.event) || !read_moment("--since", arguments_.since, filter.since) ||
            !read_moment("--until", arguments_.until, end.at)) {
            return exit_usage;
        }
        if (!read_user(filter.user_id)) return exit_failed;
        const auto records = read(filter, end);
        if (!records) {
            console_.err << "the store does not answer; try again\n";
            return exit_failed;
        }
        if (records->empty() && is_stranger_) {
            console_.err << fmt::format("{} is not known in {}\n", shown(arguments_.who),
                                        shown(rooms_.settings().store));
            return exit_failed;
        }
        print(*records);
        return exit_ok;
    }

private:
    [[nodiscard]] bool read_event(std::string& event)
    {
        if (arguments_.event.empty()) return true;
        const auto& kinds = auth::security_event_kinds;
        std::vector<std::string_view> words;
        std::ranges::transform(kinds, std::back_inserter(words),
                               [](auto kind) { return to_string(kind); });
        event = arguments_.event;
        if (std::ranges::find(words, event) != words.end()) return true;
        console_.err << fmt::format("--event: \"{}\" is not recorded\n  hint: {}\n", shown(event),
                                    config::nearest_hint(event, words));
        return false;
    }

    [[nodiscard]] bool read_moment(std::string_view option, const std::string& text,
                                   auth::Millis& moment)
    {
        if (text.empty()) return true;
        const auto read = parse_moment(text, rooms_.clock().now());
        if (read) moment = *read;
        if (!read) {
            console_.err << fmt::format(
                "{}: \"{}\" is neither a duration nor a time\n  hint: write "
                "24h, 2026-11-21 or 2026-11-21T14:30:00Z\n",
                option, shown(text));
        }
        return read.has_value();
    }

    [[nodiscard]] bool read_user(std::string& id)
    {
        if (arguments_.who.empty()) return true;
        const auto known = rooms_.service().audited_id(arguments_.who);
        is_stranger_ = !known && known.error().kind == auth::AuthError::Kind::not_found;
        if (!known && !is_stranger_) {
            console_.err << "the store does not answer; try again\n";
            return false;
        }
        id = known ? *known : arguments_.who;
        return true;
    }

    /// Newest first.
    [[nodiscard]] Result<std::vector<AuditRecord>, auth::StoreError>
    read(const Trail::AuditFilter& filter, Trail::AuditPlace end)
    {
        std::vector<AuditRecord> all;
        while (all.size() < arguments_.limit) {
            const auto wanted = std::min(page, arguments_.limit - all.size());
            const auto next = rooms_.store().read_audit(filter, end, wanted);
            if (!next) return next.error();
            all.insert(all.end(), next->begin(), next->end());
            if (next->size() < wanted) break;
            end = {all.back().at, all.back().number};
        }
        return all;
    }

    void print(const std::vector<AuditRecord>& newest_first)
    {
        std::string out;
        if (!arguments_.json) {
            out = fmt::format("{:24}  {:16}  {:20}  {:22}  {:22}  {:15}  {:22}\n", "time", "event",
                              "outcome", "user", "session", "address", "request");
        }
        for (const auto& record : newest_first | std::views::reverse) {
            if (arguments_.json)
                print_json(record, out);
            else
                print_line(record, out);
        }
        console_.out << out;
    }

    const Arguments& arguments_;
    OperatorRooms& rooms_;
    Console& console_;
    bool is_stranger_ = false;
};

} // namespace

int run_audit_command(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    return AuditCommand(arguments, rooms, console).list();
}

void keep_record_of(const auth::SecurityEvent& event, auth::AuditTrail& trail,
                    const config::AuditSettings& settings, Console& console)
{
    if (!settings.store) return;
    const std::array records = {record_of(event)};
    if (!trail.append_audit(records)) {
        console.err << "it is done, but the store took no audit record of it\n";
    }
}

} // namespace gatehouse::gateway
