#include "config/diagnostics/report.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::config {

Diagnostic Report::at(const Node& node, std::string_view key, Problem problem) const
{
    Diagnostic diagnostic;
    diagnostic.message = std::move(problem.message);
    diagnostic.hint = std::move(problem.hint);
    if (!node.option.empty()) {
        diagnostic.source = node.option;
        return diagnostic;
    }
    diagnostic.source = source_;
    diagnostic.key = std::string{key};
    if (text_.text().empty()) return diagnostic; // no file, or nothing in it to point at
    diagnostic.place = text_.place_of(node.offset);
    diagnostic.excerpt = text_.excerpt(diagnostic.place);
    return diagnostic;
}

Diagnostic Report::without_place(std::string_view key, Problem problem) const
{
    Diagnostic diagnostic;
    diagnostic.source = source_;
    diagnostic.key = std::string{key};
    diagnostic.message = std::move(problem.message);
    diagnostic.hint = std::move(problem.hint);
    return diagnostic;
}

void Report::error(std::size_t offset, std::string_view key, Problem problem)
{
    Node node;
    node.offset = offset;
    error(node, key, std::move(problem));
}

void Report::error(const Node& node, std::string_view key, Problem problem)
{
    keep(at(node, key, std::move(problem)), errors_);
}

void Report::error_unshown(const Node& node, std::string_view key, Problem problem)
{
    auto diagnostic = at(node, key, std::move(problem));
    diagnostic.excerpt.clear();
    keep(std::move(diagnostic), errors_);
}

void Report::error(std::string_view key, Problem problem)
{
    keep(without_place(key, std::move(problem)), errors_);
}

void Report::warning(const Node& node, std::string_view key, Problem problem)
{
    auto diagnostic = at(node, key, std::move(problem));
    diagnostic.severity = Severity::warning;
    keep(std::move(diagnostic), warnings_);
}

void Report::warning(std::string_view key, Problem problem)
{
    auto diagnostic = without_place(key, std::move(problem));
    diagnostic.severity = Severity::warning;
    keep(std::move(diagnostic), warnings_);
}

bool Report::blames(std::string_view key) const
{
    return std::ranges::any_of(errors_, [&](const auto& entry) {
        const std::string_view blamed = entry.second.key;
        if (!blamed.starts_with(key)) return false;
        const auto rest = blamed.substr(key.size());
        return rest.empty() || rest.front() == '.' || rest.front() == '[';
    });
}

void Report::keep(Diagnostic diagnostic, Sorted& in)
{
    // What has no place (options, the environment) comes last.
    constexpr auto nowhere = Place{std::numeric_limits<std::size_t>::max(), 0};
    const auto place = diagnostic.place.line == 0 ? nowhere : diagnostic.place;
    in.emplace(place, std::move(diagnostic));
}

std::vector<Diagnostic> Report::in_order(const Sorted& sorted)
{
    std::vector<Diagnostic> list;
    list.reserve(sorted.size());
    for (const auto& entry : sorted) list.push_back(entry.second);
    return list;
}

} // namespace gatehouse::config
