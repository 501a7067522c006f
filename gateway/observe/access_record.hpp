#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

struct RequestHead;

/// One finished request, as the access log wants it. Views are read before the
/// call returns.
struct AccessRecord {
    std::chrono::sys_time<std::chrono::milliseconds> at{}; // when its head arrived
    std::chrono::microseconds took{};
    std::string_view client; // address
    std::string_view method;
    std::string_view host;
    std::string_view path;        // as judged; as sent (without query) when it was not judged
    unsigned status = 0;          // 0: the client was gone before an answer
    std::uint64_t bytes_in = 0;   // of the request, head and body
    std::uint64_t bytes_out = 0;  // of the answer
    std::uint64_t head_bytes = 0; // of those: its head
    std::string_view user_id;
    std::string_view request_id;
    std::string_view upstream;       // endpoint, `local` for our own answers, empty when refused
    std::string_view refusal;        // its code
    std::string_view reason;         // why, for operators only
    std::string_view would_refuse{}; // the code that a route with `report_only` did not answer with
    std::string_view cache{};        // what the cache did, where its route has one
    /// What is looked up there only where a line says it: query, protocol and fields. May be null.
    const RequestHead* head = nullptr;
    bool trace_believed = true; // the trace that `head` names is the request's
    std::string_view tls;       // its version; empty: the client came plainly
    bool tls_resumed = false;
    std::string_view certificate; // the subject of what the client has shown
    std::string_view trace_id;    // where spans are recorded: that of the request
};

} // namespace gatehouse::gateway
