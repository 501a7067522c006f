#pragma once

#include "config/settings/log.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/runtime/reloader.hpp"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What a reload is told as among the other lines of the log: one line of what took effect and of
/// what waits for a restart, or one for each mistake with its place. Values are not told.
[[nodiscard]] std::vector<std::string> reload_lines(const ReloadReport& report,
                                                    config::LogFormat format);

/// Writes them; `writer` outlives the call.
void write_reload(LogWriter& writer, const ReloadReport& report, config::LogFormat format);

} // namespace gatehouse::gateway
