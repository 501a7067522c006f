#pragma once

#include "config/settings/settings.hpp"
#include "gateway/headers/request_ids.hpp"
#include "gateway/observe/access_record.hpp"
#include "gateway/observe/redactor.hpp"
#include "gateway/trace/request_trace.hpp"
#include "gateway/trace/span_ring.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Makes the spans of one worker under one generation of settings. Allocates nothing once warm,
/// waits for nobody, and puts no credential into a span: each text of a client goes through what
/// log lines go through.
class Tracer {
public:
    using Steady = std::chrono::steady_clock;

    /// Records nothing.
    Tracer() = default;
    /// `ring` is this worker's and outlives the tracer.
    Tracer(const config::Settings& settings, SpanRing& ring);

    [[nodiscard]] bool is_on() const noexcept { return ring_ != nullptr; }

    /// The route of a path of the auth API; empty: it is none.
    [[nodiscard]] std::string_view auth_route(std::string_view path) const noexcept;

    /// Which trace a request belongs to, and whether it is recorded.
    void begin(RequestTrace& trace, const RequestHead& head, bool believed,
               Steady::time_point began, IdSource& ids) const noexcept;

    // Of a request that is sampled:

    /// A decision whether it may go on.
    struct Decision {
        Steady::time_point began;
        std::string_view outcome; // code of the refusal, `user` or `anonymous`
        std::string_view source;  // of what is known of the token: `cache`, `signature` or nothing
        bool failed = false;      // for want of something that is not the client's to bring
    };

    void decided(const RequestTrace& trace, const Decision& decision, IdSource& ids);

    /// It goes to an upstream, now, in plain or over TLS: draws the id that the upstream is told.
    static void begin_asking(RequestTrace& trace, std::string_view authority, bool tls,
                             IdSource& ids) noexcept;

    /// How that ended.
    struct Asked {
        std::string_view method;
        std::string_view path;  // as forwarded, without its query
        unsigned status = 0;    // 0: no answer
        std::string_view error; // code, empty: none
    };

    void asked(RequestTrace& trace, const Asked& asked);

    /// What was asked of stores meanwhile.
    void called_stores(RequestTrace& trace, IdSource& ids);

    /// It is over.
    void ended(const RequestTrace& trace, const AccessRecord& record, std::string_view route,
               bool tls);

private:
    [[nodiscard]] SpanRecord* span(const RequestTrace& trace, SpanKind kind, std::uint64_t id,
                                   Steady::time_point began, Steady::time_point ended);
    /// What `append` of the redactor makes of the text.
    template <class Append>
    [[nodiscard]] std::string_view careful(Append append, std::string_view text);

    SpanRing* ring_ = nullptr;
    double sample_ = 1;
    bool tells_users_ = false;
    std::string auth_route_; // prefix and `/**`
    std::optional<Redactor> redactor_;
    std::string room_;
};

} // namespace gatehouse::gateway
