// What the process says of itself, beside the requests.
#include "gateway/observe/metrics.hpp"

namespace gatehouse::gateway {
namespace {

using enum MetricType;

void write_certificates(MetricsWriter& out, const std::vector<CertificateFacts>& certificates)
{
    out.family("gatehouse_tls_certificate_expiry_seconds", gauge,
               "Seconds until a certificate in use is no good any more; negative once it is not.");
    for (const auto& one : certificates) {
        out.sample(
            {
                {"listener", one.listener},
                {"file",     one.file    }
        },
            static_cast<double>(one.seconds_left));
    }
}

void write_config(MetricsWriter& out, const ConfigFacts& config)
{
    out.family("gatehouse_config_reloads", counter,
               "Reloads of the configuration by what became of them.");
    out.sample(
        {
            {"result", "ok"}
    },
        config.reloads_ok);
    out.sample(
        {
            {"result", "failed"}
    },
        config.reloads_failed);
    out.single("gatehouse_config_last_reload_successful", gauge,
               "0 while the configuration on disk is refused and an older one in force.",
               std::uint64_t{config.last_reload_ok ? 1U : 0U});
    out.single("gatehouse_config_generation", gauge,
               "Number of the settings in force; each reload that changed them adds one.",
               config.generation);
    out.single("gatehouse_config_generations_live", gauge,
               "Settings in memory: those in force, and older ones that a request still uses.",
               config.live_generations);
}

void write_spans(MetricsWriter& out, const SpanFacts& spans)
{
    out.family("gatehouse_trace_spans", counter,
               "Spans by what became of them; all but exported are lost.");
    const auto outcome = [&](std::string_view name, std::uint64_t count) {
        out.sample(
            {
                {"outcome", name}
        },
            count);
    };
    outcome("exported", spans.exported);
    outcome("queue_full", spans.queue_full);
    outcome("not_sent", spans.not_sent);
    outcome("rejected", spans.rejected);
}

void write_mails(MetricsWriter& out, const MailFacts& mails)
{
    out.family("gatehouse_mails", counter,
               "Mails by what became of them; those that were retried wait and come again.");
    const auto outcome = [&](std::string_view name, std::uint64_t count) {
        out.sample(
            {
                {"outcome", name}
        },
            count);
    };
    outcome("sent", mails.sent);
    outcome("retried", mails.retried);
    outcome("refused", mails.refused);
    outcome("expired", mails.expired);
    outcome("held_back", mails.held_back);
    outcome("dropped", mails.dropped);
    out.single("gatehouse_mails_waiting", gauge,
               "Mails that wait in the store, as this gateway saw it last.", mails.waiting);
    out.single("gatehouse_mail_oldest_seconds", gauge,
               "How long the oldest of them has waited; 0: none waits.",
               static_cast<std::uint64_t>(mails.oldest_seconds));
}

/// By the names that all clients of Prometheus use.
void write_process(MetricsWriter& out, const ProcessUsage& usage)
{
    const auto write = [&](std::string_view name, MetricType type, std::string_view help,
                           const auto& value) {
        if (value) out.single(name, type, help, *value);
    };
    write("process_cpu_seconds", counter, "Processor time of this process.", usage.cpu_seconds);
    write("process_start_time_seconds", gauge, "When this process was started, since 1970.",
          usage.start_time);
    write("process_resident_memory_bytes", gauge, "Memory that is not swapped out.",
          usage.resident_bytes);
    write("process_virtual_memory_bytes", gauge, "Address space.", usage.virtual_bytes);
    write("process_threads", gauge, "Threads of this process.", usage.threads);
    write("process_open_fds", gauge, "Descriptors open now.", usage.open_fds);
    write("process_max_fds", gauge, "Descriptors that may be open.", usage.max_fds);
}

} // namespace

void write_process_metrics(MetricsWriter& out, const ProcessFacts& process)
{
    write_spans(out, process.spans);
    write_mails(out, process.mails);
    write_config(out, process.config);
    write_certificates(out, process.certificates);
    write_issuer_metrics(out, process.issuers);
    write_process(out, process.usage);
}

} // namespace gatehouse::gateway
