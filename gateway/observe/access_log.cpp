#include "gateway/observe/access_log.hpp"

namespace gatehouse::gateway {

AccessLog::AccessLog(const config::LogSettings& settings, LogLane& lane, Counters& counters)
    : settings_(settings),
      lane_(lane),
      counters_(counters)
{
}

void AccessLog::record(const AccessRecord& record)
{
    if (!settings_.access) return;
    const bool json = settings_.format == config::LogFormat::json;
    if (!lane_.push(json ? lines_.json(record) : lines_.dev(record)))
        counters_.log_records_dropped.add();
}

} // namespace gatehouse::gateway
