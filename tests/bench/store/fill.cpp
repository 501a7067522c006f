// Fills a store with people, each with a session, through the store's own code: what is there
// afterwards is what gateways would have written. Prints one JSON object: people, ended, seconds,
// written_bytes (by this process, with SQLite that is the log and what is copied from it) and
// grown_bytes (of this process' memory, where the store lives in there).
#include "auth/store/open_stores.hpp"
#include "tests/bench/store/people.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

namespace {

using namespace gatehouse;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

struct Options {
    std::string store;
    std::string sessions;
    std::string people;
    std::size_t strangers = 0;
    std::string like;
    Shape shape;
    std::size_t refreshes = 0;
    std::size_t end_every = 0;
    std::size_t threads = 32;
};

void describe(CLI::App& app, Options& options)
{
    app.add_option("store", options.store, "as a gateway's `store`")->required();
    app.add_option("--sessions", options.sessions, "as a gateway's `sessions.store`");
    app.add_option("--people", options.people, "file of NAME USER SESSION ISSUED EXPIRES");
    app.add_option("--strangers", options.strangers, "so many whom no file names");
    app.add_option("--like", options.like, "whose password all of them have");
    app.add_option("--superseded", options.shape.superseded, "older generations of each session");
    app.add_option("--refreshes", options.refreshes, "of each session, one after the other");
    app.add_option("--end-every", options.end_every, "then end every so manieth session");
    app.add_option("--threads", options.threads);
}

/// The number after `name` in a file of "name: number" lines.
std::uint64_t figure(const char* path, const std::string& name)
{
    std::ifstream file{path};
    for (std::string word; file >> word;) {
        std::uint64_t value = 0;
        if (word == name && file >> value) return value;
    }
    return 0;
}

std::string hash_of(auth::Store& store, const std::string& name)
{
    const auto found = store.find_user_by_name(name);
    return found && *found ? (*found)->password_hash : std::string{};
}

int fill(auth::Store& store, Options& options)
{
    const auto people =
        options.people.empty() ? strangers(options.strangers) : people_of(options.people);
    if (!options.like.empty()) {
        options.shape.password_hash = hash_of(store, options.like);
        if (options.shape.password_hash.empty()) {
            std::cerr << "nobody is called " << options.like << '\n';
            return 1;
        }
    }
    const auto memory = figure("/proc/self/status", "RssAnon:");
    const auto written = figure("/proc/self/io", "wchar:");
    const auto began = std::chrono::steady_clock::now();
    settle(store, people, options.shape, options.threads);
    refresh(store, people, options.refreshes, options.threads);
    const std::size_t ended = end_every(options.end_every, store, people, options.threads);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << "{\"people\": " << people.size() << ", \"ended\": " << ended
              << ", \"seconds\": " << took.count()
              << ", \"written_bytes\": " << figure("/proc/self/io", "wchar:") - written
              << ", \"grown_bytes\": " << (figure("/proc/self/status", "RssAnon:") - memory) * 1024
              << "}\n";
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"fills a store with people", "bench_store"};
    Options options;
    describe(app, options);
    CLI11_PARSE(app, argc, argv);

    config::Settings settings;
    settings.store = options.store;
    settings.sessions.store = options.sessions;
    settings.postgres.connections = static_cast<std::uint32_t>(options.threads);
    settings.redis.connections = settings.postgres.connections;
    settings.postgres.accept_data_loss = true; // there is nothing to lose yet
    settings.redis.accept_data_loss = true;
    auth::StoreOptions how;
    how.patience = 30s; // who waits here is a crowd
    how.on_failure = [](std::string_view why, std::uint64_t) { std::cerr << why << '\n'; };
    const auto stores = auth::open_stores(settings, auth::StoreRole::gateway, how);
    if (!stores) {
        std::cerr << stores.error() << '\n';
        return 1;
    }
    return fill(*stores->store, options);
}
