#pragma once

#include "config/settings/log.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// A set of fields of a log line.
class LogFields {
public:
    constexpr LogFields() = default;

    constexpr LogFields(std::initializer_list<config::LogField> fields)
    {
        for (const auto field : fields) bits_ |= bit(field);
    }

    /// `log.fields`; names that are none are left out.
    explicit LogFields(const std::vector<std::string>& names)
    {
        for (const auto& word : words(config::LogField{})) {
            for (const auto& name : names) bits_ |= name == word.text ? bit(word.value) : 0;
        }
    }

    [[nodiscard]] constexpr bool has(config::LogField field) const noexcept
    {
        return (bits_ & bit(field)) != 0;
    }

    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

    [[nodiscard]] constexpr LogFields operator|(LogFields other) const noexcept
    {
        other.bits_ |= bits_;
        return other;
    }

    bool operator==(const LogFields&) const = default;

private:
    static constexpr std::uint32_t bit(config::LogField field) noexcept
    {
        return std::uint32_t{1} << static_cast<unsigned>(field);
    }

    std::uint32_t bits_ = 0;
};

/// Where the settings choose none.
inline constexpr LogFields usual_fields{
    config::LogField::client,     config::LogField::method,       config::LogField::host,
    config::LogField::path,       config::LogField::status,       config::LogField::bytes_in,
    config::LogField::bytes_out,  config::LogField::milliseconds, config::LogField::user_id,
    config::LogField::request_id, config::LogField::upstream,     config::LogField::refusal,
    config::LogField::reason,     config::LogField::would_refuse, config::LogField::cache};

} // namespace gatehouse::gateway
