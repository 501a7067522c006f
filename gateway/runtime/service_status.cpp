#include "gateway/runtime/service_status.hpp"

#include "gateway/observe/redactor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

namespace gatehouse::gateway {
namespace {

std::string text_of(const config::Diagnostic& mistake)
{
    const auto file = std::filesystem::path(mistake.source).filename().string();
    auto text = mistake.place.line == 0
                    ? file
                    : fmt::format("{}:{}:{}", file, mistake.place.line, mistake.place.column);
    if (!mistake.key.empty()) text += fmt::format(": {}", mistake.key);
    return fmt::format("{}: {}", text, mistake.message);
}

} // namespace

std::string serving_status(const config::Settings& running, std::uint64_t generation)
{
    auto text = fmt::format("serving on {}", running.listen.front().address);
    const auto more = running.listen.size() - 1;
    if (more > 0) text += fmt::format(" and {} more", more);
    return text + fmt::format("; configuration {}", generation);
}

std::string reload_status(const config::Settings& running, const ReloadReport& report)
{
    auto text = serving_status(running, report.generation);
    if (report.ok) {
        if (report.needs_restart.empty()) return text;
        return text +
               fmt::format("; needs a restart for {}", fmt::join(report.needs_restart, ", "));
    }
    text += "; the last reload failed: ";
    Redactor(running.log).append_text(text, text_of(report.errors.front()));
    const auto more = report.errors.size() - 1;
    if (more > 0) text += fmt::format(" (and {} more)", more);
    return text;
}

std::vector<Watched> loops_of(const std::vector<std::unique_ptr<Worker>>& workers)
{
    std::vector<Watched> loops;
    for (const auto& worker : workers) {
        loops.push_back({[&worker](std::function<void()> answer) { worker->post(answer); },
                         [&worker] { return worker->has_ended(); }});
    }
    return loops;
}

} // namespace gatehouse::gateway
