#include "gateway/observe/metrics_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

namespace gatehouse::gateway {
namespace {

std::string_view word(MetricType type, MetricsFormat format) noexcept
{
    switch (type) {
    case MetricType::counter:
        return "counter";
    case MetricType::gauge:
        return "gauge";
    case MetricType::histogram:
        return "histogram";
    case MetricType::info:
        return format == MetricsFormat::open_metrics ? "info" : "gauge";
    }
    return "untyped";
}

std::string_view suffix_of(MetricType type) noexcept
{
    if (type == MetricType::counter) return "_total";
    return type == MetricType::info ? "_info" : "";
}

/// "1.0", "0.00025": the canonical form of OpenMetrics, so that a series keeps its name whichever
/// format it was scraped in.
std::string canonical(double value)
{
    auto text = fmt::format("{}", value);
    if (text.find_first_of(".e") == text.npos) text += ".0";
    return text;
}

const std::array<std::string, auth::duration_buckets>& bounds()
{
    static const auto texts = [] {
        std::array<std::string, auth::duration_buckets> all;
        for (std::size_t i = 0; i < auth::duration_bounds.size(); ++i) {
            all[i] = canonical(static_cast<double>(auth::duration_bounds[i]) / 1e6);
        }
        all.back() = "+Inf";
        return all;
    }();
    return texts;
}

std::string_view trimmed(std::string_view text) noexcept
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view next_piece(std::string_view& list, char separator) noexcept
{
    const auto end = std::min(list.find(separator), list.size());
    const auto piece = trimmed(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return piece;
}

/// Nothing: no number between 0 and 1.
std::optional<double> weight_of(std::string_view text) noexcept
{
    double weight = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || !(weight >= 0 && weight <= 1)) return std::nullopt;
    return weight;
}

/// The versions that 1.0.0 is a good answer to.
bool is_known_version(std::string_view version) noexcept
{
    return version == "1.0.0" || version == "0.0.1" || version == "1";
}

/// How much an entry such as `text/plain;version=0.0.4;q=0.5` wants its type.
struct Wish {
    std::string_view type;
    std::string_view version;
    double weight = 1;
};

Wish read_wish(std::string_view entry)
{
    Wish wish;
    wish.type = next_piece(entry, ';');
    while (!entry.empty()) {
        const auto parameter = next_piece(entry, ';');
        if (parameter.starts_with("q=")) wish.weight = weight_of(parameter.substr(2)).value_or(0);
        if (parameter.starts_with("version=")) wish.version = parameter.substr(8);
    }
    return wish;
}

} // namespace

std::string_view content_type(MetricsFormat format) noexcept
{
    return format == MetricsFormat::open_metrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

MetricsFormat format_accepted(std::string_view accept)
{
    double open_metrics = 0;
    double text = 0;
    while (!accept.empty()) {
        const auto wish = read_wish(next_piece(accept, ','));
        if (wish.type == "application/openmetrics-text") {
            const bool known = wish.version.empty() || is_known_version(wish.version);
            if (known) open_metrics = std::max(open_metrics, wish.weight);
        } else if (wish.type == "text/plain") {
            text = std::max(text, wish.weight);
        }
    }
    return open_metrics > text ? MetricsFormat::open_metrics : MetricsFormat::text;
}

void MetricsWriter::family(std::string_view name, MetricType type, std::string_view help)
{
    name_ = name;
    type_ = type;
    // The older format has no notion of a family's name: it is that of its samples.
    const auto suffix = format_ == MetricsFormat::open_metrics ? "" : suffix_of(type);
    fmt::format_to(std::back_inserter(text_), "# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n", name,
                   suffix, help, word(type, format_));
}

void MetricsWriter::label(std::string_view name, std::string_view value)
{
    text_ += text_.back() == '{' ? "" : ",";
    text_.append(name).append("=\"");
    for (const char c : value) {
        if (c == '\\' || c == '"') text_ += '\\';
        if (c == '\n') {
            text_ += "\\n";
        } else {
            text_ += c;
        }
    }
    text_ += '"';
}

void MetricsWriter::begin(std::string_view suffix, Labels labels, std::string_view bound)
{
    text_.append(name_).append(suffix);
    if (labels.size() > 0 || !bound.empty()) {
        text_ += '{';
        for (const auto& [name, value] : labels) label(name, value);
        if (!bound.empty()) label("le", bound);
        text_ += '}';
    }
    text_ += ' ';
}

void MetricsWriter::sample(Labels labels, std::uint64_t value)
{
    begin(suffix_of(type_), labels);
    fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

void MetricsWriter::number(double value)
{
    text_.append(canonical(value)) += '\n';
}

void MetricsWriter::sample(Labels labels, double value)
{
    begin(suffix_of(type_), labels);
    number(value);
}

void MetricsWriter::histogram(Labels labels, const auth::DurationCounts& counts)
{
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < auth::duration_buckets; ++i) {
        so_far += counts.buckets[i];
        begin("_bucket", labels, bounds()[i]);
        fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
    }
    begin("_sum", labels);
    number(static_cast<double>(counts.micros) / 1e6);
    begin("_count", labels);
    fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
}

std::string MetricsWriter::finish()
{
    if (format_ == MetricsFormat::open_metrics) text_ += "# EOF\n";
    return std::move(text_);
}

} // namespace gatehouse::gateway
