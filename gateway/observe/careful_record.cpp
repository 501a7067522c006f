#include "gateway/observe/careful_record.hpp"

#include "gateway/headers/only_value.hpp"
#include "gateway/headers/trace.hpp"
#include "gateway/http/head.hpp"

namespace gatehouse::gateway {
namespace {

std::string_view query_of(const RequestHead& head) noexcept
{
    const auto target = head.target;
    const auto question = target.find('?');
    return question == target.npos ? std::string_view{} : target.substr(question + 1);
}

std::string_view protocol_of(const RequestHead& head) noexcept
{
    if (head.method.empty()) return {};
    return head.version == Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

} // namespace

std::string_view trace_id_of(const AccessRecord& record) noexcept
{
    if (!record.trace_id.empty()) return record.trace_id;
    if (record.head == nullptr || !record.trace_believed) return {};
    const auto parent = read_traceparent(only_value(record.head->fields, "traceparent"));
    return parent ? parent->trace_id : std::string_view{};
}

LoggedRequest CarefulRecord::prepare(const AccessRecord& record, LogFields fields)
{
    std::size_t used = 0;
    const auto careful = [&](std::string_view value, auto append) -> std::string_view {
        if (value.empty()) return {};
        auto& text = room_[used++];
        text.clear();
        (redactor_.*append)(text, value);
        return text;
    };
    LoggedRequest logged(record);
    logged.client = careful(record.client, &Redactor::append_client);
    logged.method = careful(record.method, &Redactor::append_text);
    logged.host = careful(record.host, &Redactor::append_host);
    logged.path = careful(record.path, &Redactor::append_path);
    logged.user_id = careful(record.user_id, &Redactor::append_user_id);
    if (fields.has(config::LogField::certificate)) // it says who somebody is
        logged.certificate = careful(record.certificate, &Redactor::append_user_id);
    if (record.head == nullptr) return logged;

    const auto& head = *record.head;
    const auto field = [&](config::LogField wanted, std::string_view name, auto append) {
        if (!fields.has(wanted)) return std::string_view{};
        return careful(only_value(head.fields, name), append);
    };
    logged.protocol = protocol_of(head);
    if (fields.has(config::LogField::query))
        logged.query = careful(query_of(head), &Redactor::append_query);
    logged.referer = field(config::LogField::referer, "Referer", &Redactor::append_referer);
    logged.user_agent =
        field(config::LogField::user_agent, "User-Agent", &Redactor::append_user_agent);
    if (fields.has(config::LogField::trace_id)) logged.trace_id = trace_id_of(record);
    return logged;
}

} // namespace gatehouse::gateway
