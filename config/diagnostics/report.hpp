#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/diagnostics/source_text.hpp"
#include "config/yaml/node.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// What is wrong with a value, for the person who wrote it.
struct Problem {
    std::string message;
    std::string hint;
};

/// Collects everything that is wrong with one configuration and hands it out in order of position.
class Report {
public:
    Report(std::string source, std::string_view text) : source_(std::move(source)), text_(text) {}

    [[nodiscard]] const std::string& source() const noexcept { return source_; }

    [[nodiscard]] const SourceText& text() const noexcept { return text_; }

    void error(std::size_t offset, std::string_view key, Problem problem);
    void error(const Node& node, std::string_view key, Problem problem);
    /// At its place, without the line: it may hold a password in a form nobody knows to hide.
    void error_unshown(const Node& node, std::string_view key, Problem problem);
    /// A mistake that has no place, such as a file that cannot be read.
    void error(std::string_view key, Problem problem);
    void warning(const Node& node, std::string_view key, Problem problem);
    void warning(std::string_view key, Problem problem);

    /// A file whose content went into the configuration, or should have.
    void draws_in(std::string path) { files_.push_back(std::move(path)); }

    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }

    /// Whether an error was already reported for this key or one below it.
    [[nodiscard]] bool blames(std::string_view key) const;

    [[nodiscard]] std::size_t error_count() const noexcept { return errors_.size(); }

    [[nodiscard]] std::vector<Diagnostic> errors() const { return in_order(errors_); }

    [[nodiscard]] std::vector<Diagnostic> warnings() const { return in_order(warnings_); }

private:
    /// Sorted by position; at one place in the order of finding.
    using Sorted = std::multimap<Place, Diagnostic>;

    [[nodiscard]] Diagnostic at(const Node& node, std::string_view key, Problem problem) const;
    [[nodiscard]] Diagnostic without_place(std::string_view key, Problem problem) const;
    static void keep(Diagnostic diagnostic, Sorted& in);
    [[nodiscard]] static std::vector<Diagnostic> in_order(const Sorted& sorted);

    std::string source_;
    SourceText text_;
    Sorted errors_;
    Sorted warnings_;
    std::vector<std::string> files_;
};

} // namespace gatehouse::config
