// A hundred replicas that follow the feed of one store, all in this process, each with connections
// of its own, while sessions are ended at some rate. Prints a JSON object for each rate: rate,
// logouts (a second, as many as were managed), p50_us, p99_us, longest_us from a logout's
// acknowledgement to the moment a replica refuses the session, server_cpu and own_cpu (cores), and
// server_processes. Fails when a replica does not refuse a session that ended.
#include "auth/store/open_store.hpp"
#include "tests/bench/generator/cpu_time.hpp"
#include "tests/bench/generator/latencies.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/store/people.hpp"
#include "tests/bench/store/replica.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <fstream>
#include <iostream>

namespace {

using namespace gatehouse;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

constexpr std::size_t writers = 16;
constexpr auto longest_wait = 30s; // for everybody to have heard

struct Options {
    std::string store;
    std::size_t replicas = 100;
    std::vector<double> rates{0, 10, 100};
    double seconds = 3;
    std::string server;
};

void describe(CLI::App& app, Options& options)
{
    app.add_option("store", options.store, "as a gateway's `store`")->required();
    app.add_option("--replicas", options.replicas);
    app.add_option("--rates", options.rates, "logouts a second, one after the other")
        ->delimiter(',');
    app.add_option("--seconds", options.seconds, "for each rate");
    app.add_option("--server", options.server, "the pid of the store's first process")->required();
}

std::unique_ptr<auth::Store> open(const std::string& spec, std::uint32_t connections)
{
    auth::StoreOptions how;
    how.patience = 10s;
    how.postgres.connections = connections;
    how.on_failure = [](std::string_view why, std::uint64_t) { std::cerr << why << '\n'; };
    auto store = auth::open_store(spec, auth::StoreRole::gateway, how);
    if (store) return *std::move(store);
    std::cerr << store.error() << '\n';
    std::exit(1);
}

/// The server's first process and the ones it started.
std::vector<std::string> server_pids(const std::string& first)
{
    std::vector<std::string> pids{first};
    std::ifstream children{"/proc/" + first + "/task/" + first + "/children"};
    for (std::string pid; children >> pid;) pids.push_back(pid);
    return pids;
}

/// Sessions that end, and when each end was acknowledged.
class Logouts {
public:
    Logouts(auth::Store& store, const std::vector<Person>& people)
        : store_(store),
          people_(people),
          acknowledged_(people.size())
    {
    }

    /// The next `count`, one every 1/rate seconds as far as the store is quick enough.
    void write(std::size_t count, double rate)
    {
        const auto began = Steady::now();
        const std::size_t first = next_;
        const std::size_t end = first + count;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < writers; ++i) {
            threads.emplace_back([&] {
                for (std::size_t number = next_++; number < end; number = next_++) {
                    const std::chrono::duration<double> due(static_cast<double>(number - first) /
                                                            rate);
                    std::this_thread::sleep_until(
                        began + std::chrono::duration_cast<Steady::duration>(due));
                    end_session(number);
                }
            });
        }
        threads.clear(); // joins
        next_ = end;
    }

    [[nodiscard]] std::size_t written() const noexcept { return next_; }

    /// From the acknowledgement; one that was heard of before it took no time.
    [[nodiscard]] Steady::duration delay(const Heard& heard) const
    {
        return heard.at - acknowledged_[heard.session];
    }

private:
    void end_session(std::size_t number)
    {
        const auto ended = store_.end_session(people_[number].session_id, clock_.now());
        acknowledged_[number] = Steady::now();
        if (!ended || !*ended) {
            std::cerr << "a session did not end\n";
            std::exit(1);
        }
    }

    auth::Store& store_;
    const std::vector<Person>& people_;
    const auth::SystemClock clock_;
    std::vector<Steady::time_point> acknowledged_;
    std::atomic<std::size_t> next_{0};
};

using Replicas = std::vector<std::unique_ptr<Replica>>;

void wait_until_all_have_heard(const Replicas& replicas, std::size_t count)
{
    const auto give_up = Steady::now() + longest_wait;
    for (const auto& replica : replicas) {
        while (replica->count() < count) {
            if (Steady::now() > give_up) {
                std::cerr << "a replica heard of " << replica->count() << " of " << count << '\n';
                std::exit(1);
            }
            std::this_thread::sleep_for(1ms);
        }
    }
}

void require_refused(const Replicas& replicas, const std::vector<auth::Id128>& sessions)
{
    for (const auto& replica : replicas) {
        for (const auto& session : sessions) {
            if (replica->refuses(session)) continue;
            std::cerr << "a replica takes a session that has ended\n";
            std::exit(1);
        }
    }
}

struct Window {
    CpuTimes before;
    CpuTimes after;

    [[nodiscard]] double cores(double spent) const
    {
        return spent / std::chrono::duration<double>(after.time - before.time).count();
    }

    [[nodiscard]] double server() const
    {
        double spent = 0;
        for (const auto& [pid, now] : after.processes) {
            const auto then = before.processes.find(pid);
            spent += now - (then == before.processes.end() ? 0 : then->second);
        }
        return cores(spent);
    }
};

void print(double rate, const Latencies& delays, Steady::duration longest, std::size_t written,
           const Window& window)
{
    std::printf("{\"rate\": %.0f, \"logouts\": %.1f, \"p50_us\": %zu, \"p99_us\": %zu, "
                "\"longest_us\": %lld, \"server_cpu\": %.3f, \"own_cpu\": %.3f, "
                "\"server_processes\": %zu}\n",
                rate, window.cores(static_cast<double>(written)), delays.quantile(0.5),
                delays.quantile(0.99), static_cast<long long>(longest / 1us), window.server(),
                window.cores(window.after.own - window.before.own), window.after.processes.size());
    std::fflush(stdout);
}

void run_at(double rate, const Options& options, const Replicas& replicas, Logouts& logouts)
{
    const std::size_t already = logouts.written();
    Window window;
    window.before = CpuTimes::take(server_pids(options.server));
    if (rate > 0) {
        logouts.write(static_cast<std::size_t>(rate * options.seconds), rate);
        wait_until_all_have_heard(replicas, logouts.written());
    } else {
        std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
    }
    window.after = CpuTimes::take(server_pids(options.server));

    Latencies delays;
    Steady::duration longest{};
    for (const auto& replica : replicas) {
        for (std::size_t i = already; i < logouts.written(); ++i) {
            const auto delay = logouts.delay(replica->heard()[i]);
            delays.add(delay);
            longest = std::max(longest, delay);
        }
    }
    print(rate, delays, longest, logouts.written() - already, window);
}

std::size_t sessions_for(const Options& options)
{
    std::size_t count = 0;
    for (const double rate : options.rates)
        count += static_cast<std::size_t>(rate * options.seconds);
    return count;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"a hundred replicas on one feed", "bench_feeds"};
    Options options;
    describe(app, options);
    CLI11_PARSE(app, argc, argv);
    allow_many_descriptors();

    const auto people = strangers(sessions_for(options));
    std::vector<auth::Id128> sessions;
    for (const auto& person : people)
        sessions.push_back(auth::Id128::parse(person.session_id).value());
    const auto asked = open(options.store, writers + 1);
    settle(*asked, people, {}, writers);

    const auth::SystemClock clock;
    Replicas replicas;
    for (std::size_t i = 0; i < options.replicas; ++i)
        replicas.push_back(std::make_unique<Replica>(open(options.store, 2), sessions, clock));
    Logouts logouts(*asked, people);
    for (const double rate : options.rates) run_at(rate, options, replicas, logouts);
    require_refused(replicas, sessions);
}
