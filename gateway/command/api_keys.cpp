#include "gateway/command/api_keys.hpp"

#include "config/scalars/scalars.hpp"
#include "gateway/command/account_failure.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

class ApiKeyCommand {
public:
    ApiKeyCommand(const Arguments& arguments, OperatorRooms& rooms, Console& console)
        : arguments_(arguments),
          rooms_(rooms),
          console_(console)
    {
    }

    int create()
    {
        auth::ApiKeyWish wish{arguments_.key_name, arguments_.scopes, {}};
        if (arguments_.key_expires != "never") {
            const auto life = config::parse_duration(arguments_.key_expires);
            if (!life) {
                console_.err << fmt::format("--expires: \"{}\" is neither a duration such as 90d "
                                            "nor never\n",
                                            printable(arguments_.key_expires));
                return exit_usage;
            }
            wish.life = std::chrono::floor<std::chrono::seconds>(*life);
        }
        const auto issued = rooms_.service().create_api_key(arguments_.who, wish);
        if (!issued) return fail(issued.error(), arguments_.who, rooms_, console_);
        const auto& key = issued->key;
        console_.err << fmt::format("key {} of {}, good {}; it is shown this once:\n", key.id,
                                    printable(arguments_.who),
                                    key.expires_at ? "until " + utc(*key.expires_at) : "for ever");
        console_.out << issued->text.reveal() << "\n";
        return exit_ok;
    }

    int list()
    {
        print_titles();
        if (!arguments_.who.empty()) {
            const auto keys = rooms_.service().api_keys_of(arguments_.who);
            if (!keys) return fail(keys.error(), arguments_.who, rooms_, console_);
            for (const auto& key : *keys) print(key);
            return exit_ok;
        }
        constexpr std::size_t page = 500;
        for (std::string after;;) {
            const auto keys = rooms_.service().list_api_keys(after, page);
            if (!keys) return fail(keys.error(), after, rooms_, console_);
            for (const auto& key : *keys) print(key);
            if (keys->size() < page) return exit_ok;
            after = keys->back().id;
        }
    }

    int revoke()
    {
        const auto revoked = rooms_.service().revoke_api_key(arguments_.api_key);
        // What was typed may be a whole key: it is not repeated.
        if (!revoked) return fail(revoked.error(), "a live key of that id", rooms_, console_);
        rooms_.confirm();
        console_.err << "the key is revoked\n";
        return exit_ok;
    }

private:
    void print_titles()
    {
        console_.out << fmt::format("{:22}  {:22}  {:8}  {:20}  {:20}  {:20}  {:16}  {}\n", "id",
                                    "user", "state", "created", "expires", "last used", "name",
                                    "scopes");
    }

    void print(const auth::ApiKey& key)
    {
        const auto moment = [](const auto& at, const char* without) {
            return at ? utc(*at) : std::string(without);
        };
        console_.out << fmt::format("{:22}  {:22}  {:8}  {:20}  {:20}  {:20}  {:16}  {}\n", key.id,
                                    printable(key.user_id), state_of(key), utc(key.created),
                                    moment(key.expires_at, "never"), moment(key.used_at, "never"),
                                    printable(key.name), fmt::join(key.scopes, " "));
    }

    [[nodiscard]] const char* state_of(const auth::ApiKey& key) const
    {
        if (key.revoked_at) return "revoked";
        const bool expired = key.expires_at && rooms_.clock().seconds() >= *key.expires_at;
        return expired ? "expired" : "active";
    }

    const Arguments& arguments_;
    OperatorRooms& rooms_;
    Console& console_;
};

} // namespace

int run_api_key_command(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    ApiKeyCommand command{arguments, rooms, console};
    switch (arguments.command) {
    case CommandName::apikey_create:
        return command.create();
    case CommandName::apikey_list:
        return command.list();
    case CommandName::apikey_revoke:
        return command.revoke();
    default:
        return exit_usage; // the others never come here
    }
}

} // namespace gatehouse::gateway
