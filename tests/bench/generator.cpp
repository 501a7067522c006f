// Closed-loop load: each connection sends its next request as soon as the last answer is whole.
// It also reads the processor time of the processes under test, at the very edges of the window,
// so that CPU per request compares the same requests and the same time.
//
// Usage: bench_generator PORT CONNECTIONS REQUEST_FILE STATUS WARM_MS MEASURE_MS [PID..]
// Prints one JSON object: requests, errors, seconds, p50_us, p99_us, own_cpu_s, cpu_s: {pid: s}.
#include "tests/bench/http.hpp"
#include "tests/bench/sockets.hpp"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace gatehouse::bench;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Options {
    std::uint16_t port = 0;
    std::size_t connections = 0;
    std::string request;
    std::string expected; // how a good answer starts
    milliseconds warm{};
    milliseconds measure{};
    std::vector<std::string> pids;
};

struct Connection {
    int fd = -1;
    Clock::time_point sent;
    std::string received;
};

/// Answer times in buckets of one microsecond; the last one holds everything above 0.2 s.
class Latencies {
public:
    void add(microseconds time)
    {
        ++buckets_[std::min(static_cast<std::size_t>(time.count()), buckets_.size() - 1)];
        ++count_;
    }

    [[nodiscard]] std::size_t count() const { return count_; }

    [[nodiscard]] std::size_t quantile(double part) const
    {
        auto left = static_cast<std::size_t>(part * static_cast<double>(count_));
        for (std::size_t us = 0; us < buckets_.size(); ++us) {
            if (buckets_[us] > left) return us;
            left -= buckets_[us];
        }
        return buckets_.size() - 1;
    }

private:
    std::vector<std::uint32_t> buckets_ = std::vector<std::uint32_t>(200'000);
    std::size_t count_ = 0;
};

/// Processor time of all threads of a process so far, from the scheduler's own nanoseconds.
double cpu_seconds(const std::string& pid)
{
    double nanoseconds = 0;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task", gone)) {
        std::ifstream schedstat{task.path() / "schedstat"};
        double on_cpu = 0;
        if (schedstat >> on_cpu) nanoseconds += on_cpu;
    }
    return nanoseconds / 1e9;
}

double own_cpu_seconds()
{
    timespec spent{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

struct Snapshot {
    Clock::time_point time;
    double own = 0;
    std::map<std::string, double> processes;

    static Snapshot take(const std::vector<std::string>& pids)
    {
        Snapshot now{Clock::now(), own_cpu_seconds(), {}};
        for (const auto& pid : pids) now.processes[pid] = cpu_seconds(pid);
        return now;
    }
};

class Load {
public:
    explicit Load(const Options& options)
        : options_(options),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          connections_(options.connections),
          buffer_(512 * 1024)
    {
        for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
    }

    /// Keeps all connections busy for `time`; answers are counted in `latencies` and `errors`.
    void run(milliseconds time)
    {
        latencies = {};
        errors = 0;
        const auto end = Clock::now() + time;
        epoll_event events[256];
        while (Clock::now() < end) {
            const int ready = ::epoll_wait(epoll_, events, std::size(events), 10);
            for (int i = 0; i < ready; ++i) read(events[i].data.u64);
        }
    }

    Latencies latencies;
    std::size_t errors = 0;

private:
    void open(std::size_t index)
    {
        connections_[index].fd = connect_to(options_.port);
        connections_[index].received.clear();
        watch(epoll_, connections_[index].fd, index);
        send_next(connections_[index]);
    }

    void send_next(Connection& connection)
    {
        connection.sent = Clock::now();
        std::string_view rest = options_.request;
        while (!rest.empty()) {
            const ssize_t sent = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return; // the end of the connection is seen by read()
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void read(std::size_t index)
    {
        Connection& connection = connections_[index];
        const ssize_t count = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
        if (count <= 0) {
            ++errors;
            ::close(connection.fd);
            open(index);
            return;
        }
        connection.received.append(buffer_.data(), static_cast<std::size_t>(count));
        const auto answer = front_message(connection.received);
        if (!answer || connection.received.size() < answer->total_bytes()) return;
        finish(connection, answer->head.starts_with(options_.expected));
    }

    void finish(Connection& connection, bool good)
    {
        if (good)
            latencies.add(std::chrono::duration_cast<microseconds>(Clock::now() - connection.sent));
        else
            ++errors;
        connection.received.clear();
        send_next(connection);
    }

    const Options& options_;
    int epoll_;
    std::vector<Connection> connections_;
    std::vector<char> buffer_;
};

void print(const Load& load, const Snapshot& before, const Snapshot& after)
{
    const std::chrono::duration<double> seconds = after.time - before.time;
    std::printf("{\"requests\": %zu, \"errors\": %zu, \"seconds\": %.6f, \"p50_us\": %zu, "
                "\"p99_us\": %zu, \"own_cpu_s\": %.6f, \"cpu_s\": {",
                load.latencies.count(), load.errors, seconds.count(), load.latencies.quantile(0.5),
                load.latencies.quantile(0.99), after.own - before.own);
    const char* comma = "";
    for (const auto& [pid, spent] : after.processes) {
        std::printf("%s\"%s\": %.6f", comma, pid.c_str(), spent - before.processes.at(pid));
        comma = ", ";
    }
    std::puts("}}");
}

Options parse(int argc, char** argv)
{
    if (argc < 7) {
        std::fputs("usage: bench_generator PORT CONNECTIONS REQUEST_FILE STATUS WARM_MS "
                   "MEASURE_MS [PID..]\n",
                   stderr);
        std::exit(2);
    }
    std::ifstream file{argv[3], std::ios::binary};
    Options options;
    options.port = static_cast<std::uint16_t>(std::stoul(argv[1]));
    options.connections = std::stoul(argv[2]);
    options.request.assign(std::istreambuf_iterator<char>{file}, {});
    options.expected = "HTTP/1.1 " + std::string{argv[4]};
    options.warm = milliseconds{std::stol(argv[5])};
    options.measure = milliseconds{std::stol(argv[6])};
    options.pids.assign(argv + 7, argv + argc);
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    const Options options = parse(argc, argv);
    Load load{options};
    load.run(options.warm);
    const Snapshot before = Snapshot::take(options.pids);
    load.run(options.measure);
    const Snapshot after = Snapshot::take(options.pids);
    print(load, before, after);
}
