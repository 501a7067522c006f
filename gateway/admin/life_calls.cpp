// Calls that change the life of this gateway: other settings, the end.
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/net/offload.hpp"

#include <unistd.h>

#include <span>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;

void write_mistakes(Writer& json, std::string_view name,
                    std::span<const config::Diagnostic> mistakes)
{
    json.name(name);
    json.begin_array();
    for (const auto& mistake : mistakes) {
        json.begin_object();
        json.member("key", mistake.key);
        json.member("source", mistake.source);
        json.member("line", number(mistake.place.line));
        json.member("column", number(mistake.place.column));
        json.member("message", mistake.message);
        json.member("hint", mistake.hint);
        json.end_object();
    }
    json.end_array();
}

LocalResponse reload_answer(const ReloadReport& report)
{
    return object_answer([&](Writer& json) {
        json.name("ok");
        json.boolean(report.ok);
        json.member("why", report.why);
        json.member("at", time_text(report.at));
        json.member("generation", number(report.generation));
        write_texts(json, "changed", report.changed);
        write_texts(json, "needsRestart", report.needs_restart);
        write_mistakes(json, "errors", report.errors);
        write_mistakes(json, "warnings", report.warnings);
    });
}

} // namespace

Task<LocalResponse> AdminApi::last_reload(const Asked&)
{
    if (!process_.last_reload) co_return refused(Refusal(RefusalCode::not_configured));
    co_return reload_answer(process_.last_reload());
}

Task<LocalResponse> AdminApi::reload(const Asked& asked)
{
    if (!process_.reload) co_return refused(Refusal(RefusalCode::not_configured));
    auto pending = offload(rooms_.store_pool, process_.reload);
    const auto report = co_await std::move(pending);
    note(asked.request, report.ok ? "reload" : "reload: the settings before stay in force");
    co_return reload_answer(report);
}

Task<LocalResponse> AdminApi::hand_over(const Asked& asked)
{
    const int socket = asked.request.unix_socket;
    if (socket < 0) {
        co_return refused(told(RefusalCode::not_configured,
                               "Sockets travel over a unix socket alone: admin_api.socket"));
    }
    auto job = [&] { return process_.hand_over(socket); };
    auto pending = offload(rooms_.store_pool, job);
    const auto passed = co_await std::move(pending);
    note(asked.request, passed ? "hand-over" : "hand-over: " + passed.error());
    if (!passed) co_return refused(told(RefusalCode::overloaded, passed.error()));
    co_return object_answer([&](Writer& json) {
        json.member("pid", std::int64_t{::getpid()});
        json.member("sockets", number(*passed));
    });
}

Task<LocalResponse> AdminApi::quit(const Asked& asked)
{
    note(asked.request, "quit");
    process_.quit();
    auto response = object_answer([](Writer& json) { json.member("state", "draining"); });
    response.status = 202;
    co_return response;
}

} // namespace gatehouse::gateway
