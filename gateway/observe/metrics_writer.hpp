#pragma once

#include "auth/basics/durations.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {

enum class MetricsFormat : std::uint8_t {
    text,        // Prometheus' own, 0.0.4
    open_metrics // 1.0.0
};

/// What a scraper is told the format is.
[[nodiscard]] std::string_view content_type(MetricsFormat format) noexcept;

/// What an `Accept` field asks for: the one with the greater weight, text where both have the same
/// or neither is named.
[[nodiscard]] MetricsFormat format_accepted(std::string_view accept);

enum class MetricType : std::uint8_t { counter, gauge, histogram, info };

/// Writes families one after the other, each whole: its help, its type, its samples.
///
/// There are no `_created` lines: they are optional, double the series of every counter, and what
/// they tell (when counting began) is process_start_time_seconds.
class MetricsWriter {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    explicit MetricsWriter(MetricsFormat format) : format_(format) {}

    /// `name` is the family's: without `_total`, which samples of a counter carry, and without
    /// `_info`. `help` holds no backslash, quote or line break.
    void family(std::string_view name, MetricType type, std::string_view help);

    /// One sample of the family that was begun last. Values of labels may hold anything.
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);
    /// All samples of one histogram, in seconds.
    void histogram(Labels labels, const auth::DurationCounts& counts);

    /// A family with one sample without labels.
    template <class Value>
    void single(std::string_view name, MetricType type, std::string_view help, Value value)
    {
        family(name, type, help);
        sample({}, value);
    }

    [[nodiscard]] std::string finish();

private:
    void begin(std::string_view suffix, Labels labels, std::string_view bound = {});
    void label(std::string_view name, std::string_view value);
    void number(double value);

    MetricsFormat format_;
    MetricType type_{};
    std::string name_;
    std::string text_;
};

} // namespace gatehouse::gateway
