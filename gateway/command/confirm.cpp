#include "gateway/command/confirm.hpp"

#include "auth/revocation/confirmation.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

void wait_until_confirmed(const auth::OpenStores& stores, const config::Settings& settings)
{
    if (settings.logout != config::Logout::confirmed) return;
    // No replica in them is ours: a command serves nobody.
    std::vector<auth::Confirmation::Place> places;
    places.push_back({*stores.store, {}});
    if (stores.sessions_book) places.push_back({*stores.sessions_book, {}});
    auth::Confirmation(std::move(places), settings.feed_lease)
        .wait(std::chrono::steady_clock::now());
}

} // namespace gatehouse::gateway
