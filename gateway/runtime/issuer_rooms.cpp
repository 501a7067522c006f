#include "gateway/runtime/issuer_rooms.hpp"

namespace gatehouse::gateway {
namespace {

void say(EventLog& log, const IssuerNews& news)
{
    using What = IssuerNews::What;
    const auto keys = std::to_string(news.keys);
    switch (news.what) {
    case What::failed:
        return log.say(config::LogLevel::warn, "issuer_silent",
                       "the keys of an issuer cannot be fetched: those known count for stale_for",
                       {
                           {"issuer", news.name},
                           {"reason", news.why }
        });
    case What::well:
        return log.say(config::LogLevel::info, "issuer_heard", "the keys of an issuer are known",
                       {
                           {"issuer", news.name},
                           {"keys", keys, true}
        });
    case What::changed:
        return log.say(config::LogLevel::info, "issuer_keys", "an issuer has other keys",
                       {
                           {"issuer", news.name},
                           {"keys", keys, true}
        });
    case What::stale:
        return log.say(config::LogLevel::error, "issuer_stale",
                       "the keys of an issuer are too old to count: its tokens get 503",
                       {
                           {"issuer", news.name}
        });
    }
}

} // namespace

IssuerWatch::Rooms rooms_for_issuers(const std::vector<std::unique_ptr<Worker>>& workers,
                                     LogRooms& logs)
{
    IssuerWatch::Rooms rooms;
    rooms.ask = [](const config::IssuerSettings& issuer, const std::function<bool()>& give_up) {
        KeyFetch fetch; // fetches are minutes apart: hardly anybody keeps a connection so long
        return ask_issuer(fetch, issuer, give_up);
    };
    rooms.on_change = [&workers](const std::shared_ptr<const auth::FetchedKeys>& keys) {
        for (const auto& worker : workers) worker->use(keys);
    };
    rooms.tell = [&logs](const IssuerNews& news) { say(logs.events(), news); };
    return rooms;
}

} // namespace gatehouse::gateway
