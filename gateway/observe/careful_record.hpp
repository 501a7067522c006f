#pragma once

#include "gateway/observe/access_record.hpp"
#include "gateway/observe/log_fields.hpp"
#include "gateway/observe/redactor.hpp"

#include <array>
#include <string>

namespace gatehouse::gateway {

/// A request as a line may tell it: everything that had to be was cut, masked, hashed or left out.
struct LoggedRequest : AccessRecord {
    LoggedRequest() = default;

    explicit LoggedRequest(const AccessRecord& record) : AccessRecord(record) {}

    std::string_view query; // without its `?`
    std::string_view protocol;
    std::string_view referer;
    std::string_view user_agent;
    double sample = 1; // which part of such requests is written
};

/// Makes a record fit to be written. Keeps the room for that, so that a warm one allocates nothing.
class CarefulRecord {
public:
    explicit CarefulRecord(const config::LogSettings& settings) : redactor_(settings) {}

    /// Nothing in this record could be a credential or too long, and the settings change nothing.
    [[nodiscard]] bool may_stand(const AccessRecord& record) const noexcept
    {
        // The other texts are our own words, or short.
        const auto texts = record.method.size() + record.host.size() + record.path.size();
        return texts < least_credential_bytes && redactor_.keeps_people() &&
               record.path.find(';') == record.path.npos &&
               record.path.find('=') == record.path.npos;
    }

    /// The record with what the line wants besides. Valid until the next call.
    [[nodiscard]] LoggedRequest prepare(const AccessRecord& record, LogFields fields);

private:
    Redactor redactor_;
    std::array<std::string, 9> room_;
};

/// The trace that a request says it belongs to; nothing where it says none, or is not believed.
[[nodiscard]] std::string_view trace_id_of(const AccessRecord& record) noexcept;

} // namespace gatehouse::gateway
