#include "gateway/runtime/seen_writer.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::gateway {

namespace {

using namespace std::chrono_literals;

// The store is away.
constexpr auto outage_pause = 200ms;
// Somebody else holds a row; he is done in a moment.
constexpr auto rival_pause = 5ms;

} // namespace

void SeenWriter::start()
{
    thread_ = std::thread([this] { run(); });
}

void SeenWriter::stop() noexcept
{
    if (!thread_.joinable()) return;
    pairs_.stop();
    thread_.join();
}

void SeenWriter::run()
{
    for (auto seen = pairs_.wait(piece); !seen.empty(); seen = pairs_.wait(piece)) {
        const auto outcome = write(seen);
        if (outcome == Outcome::all) continue;
        if (!pairs_.pause(outcome == Outcome::some ? rival_pause : outage_pause)) break;
    }
    for (auto rest = pairs_.waiting(piece); !rest.empty(); rest = pairs_.waiting(piece)) {
        if (write(rest) != Outcome::all) return;
    }
}

SeenWriter::Outcome SeenWriter::write(std::span<const auth::SeenGeneration> seen)
{
    const auto left = store_.mark_seen(seen);
    if (!left) return Outcome::nothing;
    std::vector<auth::SeenGeneration> done(seen.begin(), seen.end());
    std::erase_if(done, [&](const auto& each) {
        return std::ranges::any_of(
            *left, [&](const auto& other) { return other.session_id == each.session_id; });
    });
    pairs_.written(done);
    return left->empty() ? Outcome::all : Outcome::some;
}

} // namespace gatehouse::gateway
