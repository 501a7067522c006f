#pragma once

#include "config/settings/treatment.hpp"
#include "gateway/headers/head_writer.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {

/// What answers tell browsers, whoever made them.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>>
preset_of(config::SecurityHeaders preset) noexcept;

/// Which of them an answer has by itself: its own word stands.
class PresetWriter {
public:
    explicit PresetWriter(config::SecurityHeaders preset) noexcept : fields_(preset_of(preset)) {}

    /// The answer has a field of this name.
    void saw(std::string_view name) noexcept;
    /// The rest of them.
    void write(HeadWriter& out) const noexcept;

private:
    std::span<const std::pair<std::string_view, std::string_view>> fields_;
    unsigned seen_ = 0; // a bit for each
};

} // namespace gatehouse::gateway
