#include "gateway/command/keys.hpp"

#include "auth/tokens/open_keys.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {
namespace {

void print_keys(const char* use, std::span<const auth::RingKey> keys, Console& console)
{
    for (const auto& key : keys) {
        console.out << fmt::format("{:8}  {:8}  {:7}  {:20}  {:20}  {}\n", use,
                                   to_string(key.state),
                                   auth::jose::to_string(key.key->algorithm()), utc(key.created),
                                   key.verify_until ? utc(*key.verify_until) : "-", key.key->kid());
    }
}

int list(const auth::KeyRing& ring, Console& console)
{
    console.out << fmt::format("{:8}  {:8}  {:7}  {:20}  {:20}  {}\n", "tokens", "state", "alg",
                               "created", "good until", "kid");
    print_keys("access", ring.access_keys(), console);
    print_keys("refresh", ring.refresh_keys(), console);
    return exit_ok;
}

int rotate(auth::KeyKeeper& keeper, OperatorRooms& rooms, Console& console)
{
    const auto rotated = keeper.rotate();
    if (!rotated) {
        console.err << rotated.error().message << "\n";
        return exit_failed;
    }
    if (!keeper.announces() && !rooms.store().announce_keys(rooms.clock().now())) {
        console.err << "the keys are rotated, but the store does not answer: running gateways "
                       "have not heard of it\n  hint: run `gatehouse keys rotate` once more\n";
        return exit_failed;
    }
    if (rotated->later) {
        console.err << fmt::format("the next key is too new for every gateway to know it: it signs "
                                   "from {} on, and a running gateway sees to that\n",
                                   utc(*rotated->later));
        return exit_ok;
    }
    console.err
        << "new tokens are signed with the next key; old ones stay good until they expire\n";
    return exit_ok;
}

} // namespace

int run_keys_command(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    const auto keeper = auth::open_keys(rooms.settings(), rooms.store(), rooms.clock());
    if (!keeper) {
        console.err << keeper.error().message << "\n";
        return exit_failed;
    }
    if (arguments.command == CommandName::keys_rotate) return rotate(**keeper, rooms, console);
    return list(*(*keeper)->ring(), console);
}

} // namespace gatehouse::gateway
