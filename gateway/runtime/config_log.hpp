#pragma once

#include "gateway/observe/event_log.hpp"
#include "gateway/runtime/reloader.hpp"

namespace gatehouse::gateway {

/// Tells of a reload among the other lines of the log: one line of what took effect and of what
/// waits for a restart (level `info`; `warn` where something waits), or one for each mistake with
/// its place (`error`). Values are not told.
void tell_reload(EventLog& events, const ReloadReport& report);

} // namespace gatehouse::gateway
