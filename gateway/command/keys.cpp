#include "gateway/command/keys.hpp"

#include "auth/tokens/key_import.hpp"
#include "auth/tokens/open_keys.hpp"
#include "config/environment/read_file.hpp"
#include "gateway/command/audit.hpp"
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

int list(auth::KeyKeeper& keeper, Console& console)
{
    const auto kept = keeper.ring();
    const auto& ring = *kept;
    console.out << fmt::format("{:8}  {:8}  {:7}  {:20}  {:20}  {}\n", "tokens", "state", "alg",
                               "created", "good until", "kid");
    print_keys("access", ring.access_keys(), console);
    print_keys("refresh", ring.refresh_keys(), console);
    if (const auto pending = keeper.rotation_pending()) {
        console.out << fmt::format("a rotation was asked for and is not done yet: the next keys "
                                   "sign from {} on\n",
                                   utc(*pending));
    }
    return exit_ok;
}

/// Whoever runs hears of other keys; false: not yet, and it has been said.
bool announce(bool announced, OperatorRooms& rooms, std::string_view command, Console& console)
{
    if (announced || rooms.store().announce_keys(rooms.clock().now())) return true;
    console.err << fmt::format("the keys are changed, but the store does not answer: running "
                               "gateways have not heard of it\n  hint: {}\n",
                               command);
    return false;
}

void say_when(std::optional<auth::Seconds> later, Console& console)
{
    console.err << fmt::format("the next key is too new for every gateway to know it: it signs "
                               "from {} on, and a running gateway sees to that\n",
                               utc(*later));
}

int rotate(auth::KeyKeeper& keeper, OperatorRooms& rooms, Console& console)
{
    const auto rotated = keeper.rotate();
    if (!rotated) {
        console.err << rotated.error().message << "\n";
        return exit_failed;
    }
    keep_record_of(event_of_house(auth::SecurityEventKind::key_rotate, "ok", rooms.clock().now(),
                                  rotated->later ? "asked for" : ""),
                   rooms.store(), rooms.settings().audit, console);
    if (!announce(keeper.announces(), rooms, "run `gatehouse keys rotate` once more", console)) {
        return exit_failed;
    }
    if (rotated->later) {
        say_when(rotated->later, console);
        return exit_ok;
    }
    console.err
        << "new tokens are signed with the next key; old ones stay good until they expire\n";
    return exit_ok;
}

/// Some hundred keys.
constexpr std::size_t longest_file = 1024 * 1024;

int take_over(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    const auto refuse = [&](const std::string& why, int code) {
        console.err << why << "\n";
        return code;
    };
    const auto& tokens = rooms.settings().tokens;
    auto text = config::read_file(arguments.file, longest_file);
    if (!text) {
        return refuse(printable(arguments.file) + " " + text.error().message, exit_usage);
    }
    const Secret secret(*std::move(text));
    const auto foreign = auth::read_foreign_keys(secret, tokens.algorithm, rooms.clock().seconds());
    if (!foreign) {
        return refuse(printable(arguments.file) + ": " + foreign.error().message, exit_usage);
    }
    const auto place = auth::open_key_place(rooms.settings(), rooms.store(), rooms.clock());
    if (!place) return refuse(place.error().message, exit_failed);
    const auto as = arguments.import_as == "active" ? auth::ImportAs::active : auth::ImportAs::next;
    const auto imported = auth::KeyKeeper::take_over(tokens, **place, *foreign, as, rooms.clock());
    if (!imported) return refuse(imported.error().message, exit_failed);
    keep_record_of(event_of_house(auth::SecurityEventKind::key_import, "ok", rooms.clock().now(),
                                  arguments.import_as),
                   rooms.store(), rooms.settings().audit, console);
    const bool announced = (*place)->habits().announced;
    if (!announce(announced, rooms, "restart them", console)) return exit_failed;
    if (imported->later) {
        say_when(imported->later, console);
    } else if (as == auth::ImportAs::next) {
        console.err << "it is the next key now: every gateway publishes it, and it signs after the "
                       "next rotation\n";
    } else {
        console.err << "new tokens are signed with it; old ones stay good until they expire\n";
    }
    return exit_ok;
}

} // namespace

int run_keys_command(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    if (arguments.command == CommandName::keys_import) return take_over(arguments, rooms, console);
    const auto keeper = auth::open_keys(rooms.settings(), rooms.store(), rooms.clock());
    if (!keeper) {
        console.err << keeper.error().message << "\n";
        return exit_failed;
    }
    if (arguments.command == CommandName::keys_rotate) return rotate(**keeper, rooms, console);
    return list(**keeper, console);
}

} // namespace gatehouse::gateway
