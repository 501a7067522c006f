#include "auth/store/redis/fitness.hpp"

#include "config/basics/enforced.hpp"

#include <charconv>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;
using Seen = std::optional<std::string>; // nothing: the server does not tell

/// "name:value" in one line of INFO.
[[nodiscard]] Seen in_report(std::string_view report, std::string_view name)
{
    while (!report.empty()) {
        const auto end = std::min(report.find('\n'), report.size());
        auto line = report.substr(0, end);
        report.remove_prefix(std::min(end + 1, report.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() <= name.size() || !line.starts_with(name) || line[name.size()] != ':') {
            continue;
        }
        return std::string(line.substr(name.size() + 1));
    }
    return std::nullopt;
}

/// The answer to CONFIG GET of one name.
[[nodiscard]] Seen setting_in(const Reply& reply)
{
    if (!reply.is(Kind::map) || reply.items.size() != 2) return std::nullopt;
    return reply.items[1].text;
}

/// What a server says of itself.
struct Facts {
    Seen version;
    Seen mode;
    Seen policy;
    Seen append_only;
    Seen sync;
};

/// Some servers let nobody ask for settings: INFO tells the most of them too.
[[nodiscard]] Facts facts_in(const std::vector<Reply>& replies)
{
    const std::string report = replies[0].is(Kind::text) ? replies[0].text : std::string();
    Facts facts;
    facts.version = in_report(report, "redis_version");
    facts.mode = in_report(report, "redis_mode");
    if (!facts.mode) facts.mode = in_report(report, "server_mode"); // Valkey's word
    facts.policy = setting_in(replies[1]);
    if (!facts.policy) facts.policy = in_report(report, "maxmemory_policy");
    facts.append_only = setting_in(replies[2]);
    if (!facts.append_only) {
        const auto enabled = in_report(report, "aof_enabled");
        if (enabled) facts.append_only = *enabled == "1" ? "yes" : "no";
    }
    facts.sync = setting_in(replies[3]);
    return facts;
}

[[nodiscard]] int major_of(std::string_view version)
{
    int major = 0;
    static_cast<void>(std::from_chars(version.data(), version.data() + version.size(), major));
    return major;
}

/// Collects what is wrong, for one sentence.
class Complaints {
public:
    void add(const std::string& complaint)
    {
        if (!all_.empty()) all_ += "; ";
        all_ += complaint;
    }

    void must_be(const char* name, const char* wanted, const Seen& seen)
    {
        if (!seen) return;
        if (*seen != wanted) add(std::string(name) + " is " + *seen + " and must be " + wanted);
    }

    void must_be_seen(const char* name, const char* wanted, const Seen& seen)
    {
        if (!seen) add(std::string("it does not tell whether ") + name + " is " + wanted);
    }

    [[nodiscard]] const std::string& all() const noexcept { return all_; }

private:
    std::string all_;
};

/// What no setting of ours makes up for.
[[nodiscard]] std::string faults_of(const Facts& facts)
{
    Complaints complaints;
    if (enforced("redis_fitness.version") && facts.version && major_of(*facts.version) < 7) {
        complaints.add("it is Redis " + *facts.version + ", and 7 or newer is needed");
    }
    if (enforced("redis_fitness.mode") && facts.mode && *facts.mode != "standalone") {
        complaints.add("it runs as " + *facts.mode +
                       ", and sessions need one server that stands "
                       "alone");
    }
    if (enforced("redis_fitness.noeviction")) {
        complaints.must_be("maxmemory-policy", "noeviction", facts.policy);
    }
    return complaints.all();
}

/// What keeps it from holding what it acknowledged, as far as it tells.
[[nodiscard]] std::string risks_of(const Facts& facts)
{
    Complaints complaints;
    if (enforced("redis_fitness.append_only")) {
        complaints.must_be("appendonly", "yes", facts.append_only);
    }
    if (enforced("redis_fitness.sync")) complaints.must_be("appendfsync", "always", facts.sync);
    if (enforced("redis_fitness.policy_seen")) {
        complaints.must_be_seen("maxmemory-policy", "noeviction", facts.policy);
    }
    if (enforced("redis_fitness.append_only_seen")) {
        complaints.must_be_seen("appendonly", "yes", facts.append_only);
    }
    if (enforced("redis_fitness.sync_seen")) {
        complaints.must_be_seen("appendfsync", "always", facts.sync);
    }
    return complaints.all();
}

} // namespace

Result<void, Failure> require_fit(Connection& connection, bool accept_data_loss, Deadline deadline)
{
    Commands commands("INFO");
    for (const auto* name : {"maxmemory-policy", "appendonly", "appendfsync"}) {
        commands.add("CONFIG", "GET", name);
    }
    const auto replies = connection.ask(commands, deadline);
    if (!replies) return replies.error();
    const auto facts = facts_in(*replies);
    if (const auto faults = faults_of(facts); !faults.empty()) {
        return Failure(Trouble::unfit, "the server will not do: " + faults);
    }
    const auto risks = accept_data_loss ? std::string() : risks_of(facts);
    if (risks.empty()) return {};
    return Failure(Trouble::unfit,
                   "the server may lose sessions and ends of sessions that it acknowledged: " +
                       risks + "; set that, or accept it with redis.accept_data_loss: true");
}

} // namespace gatehouse::auth::redis
