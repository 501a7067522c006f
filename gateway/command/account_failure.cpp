#include "gateway/command/account_failure.hpp"

#include "gateway/command/words.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {

int fail(const auth::AuthError& error, const std::string& who, const OperatorRooms& rooms,
         Console& console)
{
    using Kind = auth::AuthError::Kind;
    switch (error.kind) {
    case Kind::not_found:
        console.err << fmt::format("{} is not known in {}\n", printable(who),
                                   printable(rooms.settings().store));
        return exit_failed;
    case Kind::name_taken:
        console.err << "somebody has that name or e-mail address already\n";
        return exit_failed;
    case Kind::account_blocked:
        console.err << fmt::format("{} is blocked\n", printable(who));
        return exit_failed;
    case Kind::invalid_fields:
        for (const auto& field : error.fields) {
            console.err << fmt::format("{}: {}\n", field.name, field.message);
        }
        return exit_usage;
    case Kind::store_unavailable:
        console.err << "the store does not answer; try again\n";
        return exit_failed;
    default:
        console.err << fmt::format("refused: {}\n", to_string(error.kind));
        return exit_failed;
    }
}

} // namespace gatehouse::gateway
