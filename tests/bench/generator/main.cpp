// Load for one slice of a benchmark. It also reads the processor time of the processes under test,
// at the very edges of the window, so that CPU per request compares the same requests and time.
// Prints one JSON object: requests, errors, seconds, p50_us, p99_us, p999_us, lines_used (in the
// warm-up too), own_cpu_s (of its busiest thread), cpu_s: {pid: s}.
#include "tests/bench/generator/cpu_time.hpp"
#include "tests/bench/generator/load.hpp"
#include "tests/bench/generator/team.hpp"
#include "tests/bench/sockets.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

namespace {

using namespace gatehouse::bench;
using std::chrono::milliseconds;

struct Options {
    LoadOptions load;
    std::string request;
    std::string tokens;
    std::size_t token_count = 0;
    std::size_t first_token = 0;
    bool refresh = false;
    int warm_ms = 100;
    int measure_ms = 400;
    std::size_t threads = 1;
    std::vector<std::string> pids;
};

void describe(CLI::App& app, Options& options)
{
    auto& load = options.load;
    app.add_option("--port", load.port)->required();
    app.add_option("--connections", load.connections)->required();
    app.add_option("--idle", load.idle, "further connections that keep quiet");
    app.add_option("--rate", load.rate, "requests a second, whatever the answers do");
    app.add_flag("--reconnect", load.reconnect, "a connection for each request");
    app.add_option("--messages", load.message_bytes,
                   "the request is a WebSocket handshake; then messages of so many bytes");
    app.add_option("--tls", load.tls, "`full` or `resumed`: handshakes of TLS 1.3");
    app.add_option("--expect", load.expected, "how a good answer starts")->required();
    app.add_option("--request", options.request, "file with the bytes of a request");
    app.add_option("--tokens", options.tokens, "file of lines for {token} in the request");
    app.add_option("--token-count", options.token_count, "how many of its lines");
    app.add_option("--first-token", options.first_token, "the line to begin with, from 0");
    app.add_flag("--refresh", options.refresh, "exchange refresh tokens, beginning with --tokens");
    app.add_option("--warm-ms", options.warm_ms);
    app.add_option("--measure-ms", options.measure_ms);
    app.add_option("--threads", options.threads, "which share the connections among them")
        ->check(CLI::PositiveNumber);
    app.add_option("--pid", options.pids, "whose processor time is wanted");
}

std::unique_ptr<Script> script_of(const Options& options, const LoadOptions& load)
{
    std::shared_ptr<const Lines> lines;
    if (!options.tokens.empty())
        lines = std::make_shared<const Lines>(options.tokens, options.token_count);
    const std::size_t connections = load.connections + load.idle;
    if (options.refresh) return refreshing(lines, options.first_token, connections);

    std::ifstream file{options.request, std::ios::binary};
    std::string request{std::istreambuf_iterator<char>{file}, {}};
    if (lines == nullptr) return repeat(std::move(request));
    return with_tokens(request, lines, options.first_token, connections);
}

void print(const Team& team, const CpuTimes& before, const CpuTimes& after)
{
    const std::chrono::duration<double> seconds = after.time - before.time;
    const Latencies times = team.latencies();
    std::printf("{\"requests\": %zu, \"errors\": %zu, \"seconds\": %.6f, \"p50_us\": %zu, "
                "\"p99_us\": %zu, \"p999_us\": %zu, \"lines_used\": %zu, \"own_cpu_s\": %.6f, "
                "\"cpu_s\": {",
                times.count(), team.errors(), seconds.count(), times.quantile(0.5),
                times.quantile(0.99), times.quantile(0.999), team.lines_used(),
                team.busiest_seconds());
    const char* comma = "";
    for (const auto& [pid, spent] : after.processes) {
        const double in_window = std::max(0.0, spent - before.processes.at(pid)); // it may be gone
        std::printf("%s\"%s\": %.6f", comma, pid.c_str(), in_window);
        comma = ", ";
    }
    std::puts("}}");
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"load for one slice of a benchmark", "bench_generator"};
    Options options;
    describe(app, options);
    CLI11_PARSE(app, argc, argv);

    allow_many_descriptors();
    Team team{options.load, options.threads,
              [&](const LoadOptions& load) { return script_of(options, load); }};
    team.run(milliseconds{options.warm_ms});
    const CpuTimes before = CpuTimes::take(options.pids);
    team.run(milliseconds{options.measure_ms});
    const CpuTimes after = CpuTimes::take(options.pids);
    print(team, before, after);
}
