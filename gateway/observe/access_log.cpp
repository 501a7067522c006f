#include "gateway/observe/access_log.hpp"

#include <algorithm>

namespace gatehouse::gateway {

AccessLog::AccessLog(const config::LogSettings& settings, LogLane& lane, Counters& counters)
    : settings_(settings),
      lane_(lane),
      counters_(counters)
{
}

void AccessLog::record(const AccessRecord& record)
{
    count(record);
    if (!settings_.access) return;
    const bool json = settings_.format == config::LogFormat::json;
    if (!lane_.push(json ? lines_.json(record) : lines_.dev(record)))
        counters_.log_records_dropped.add();
}

void AccessLog::count(const AccessRecord& record) noexcept
{
    const auto status_class = std::min<std::size_t>(record.status / 100, 5);
    counters_.requests[status_class].add();
    counters_.bytes_in.add(record.bytes_in);
    counters_.bytes_out.add(record.bytes_out);
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(record.took.count(), 0));
    counters_.request_microseconds.add(micros);
    const auto bucket = std::ranges::lower_bound(request_microsecond_bounds, micros);
    counters_
        .request_duration[static_cast<std::size_t>(bucket - request_microsecond_bounds.begin())]
        .add();
}

} // namespace gatehouse::gateway
