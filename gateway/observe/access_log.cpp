#include "gateway/observe/access_log.hpp"

#include "gateway/observe/combined_line.hpp"

namespace gatehouse::gateway {
namespace {

LogFields fields_of(const config::LogSettings& settings)
{
    const LogFields chosen(settings.fields);
    const bool usual = chosen.empty() && settings.format != config::LogFormat::combined;
    return usual ? usual_fields : chosen;
}

} // namespace

AccessLog::AccessLog(const config::LogSettings& settings, LogLane& lane, Counters& counters)
    : format_(settings.format),
      writes_(settings.access),
      is_usual_(settings.format == config::LogFormat::json && settings.sample >= 1 &&
                fields_of(settings) == usual_fields),
      fields_(fields_of(settings)),
      sample_(settings.sample, settings.slow),
      lane_(lane),
      counters_(counters),
      careful_(settings)
{
}

void AccessLog::record(const AccessRecord& record)
{
    if (!writes_) return;
    const bool usual = is_usual_ && careful_.may_stand(record);
    if (!usual && is_left_out(record)) return;
    const auto line = usual ? lines_.json(record) : careful_line(record);
    if (!lane_.push(line)) counters_.log_records_dropped.add();
}

bool AccessLog::is_left_out(const AccessRecord& record) const noexcept
{
    if (sample_.keeps_all()) return false;
    if (sample_.is_remarkable(record.status, record.refusal, record.reason, record.took))
        return false;
    const auto trace = trace_id_of(record);
    return !sample_.keeps(trace.empty() ? record.request_id : trace);
}

std::string_view AccessLog::careful_line(const AccessRecord& record)
{
    const bool combined = format_ == config::LogFormat::combined;
    auto request = careful_.prepare(record, combined ? fields_ | combined_fields : fields_);
    if (!sample_.is_remarkable(record.status, record.refusal, record.reason, record.took)) {
        request.sample = sample_.ratio();
    }
    switch (format_) {
    case config::LogFormat::json:
        return lines_.json(request, fields_);
    case config::LogFormat::combined:
        return lines_.combined(request, fields_);
    case config::LogFormat::dev:
        break;
    }
    return lines_.dev(request, fields_);
}

} // namespace gatehouse::gateway
