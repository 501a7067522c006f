#pragma once

#include "auth/store/redis/script.hpp"

namespace gatehouse::auth::redis {

/// How sessions lie in Redis, PREFIX being "gatehouse:".
///
///   PREFIXsession:ID    hash: id, user, epoch, gen, iat, exp, login, delivery, address, agent,
///                       amr (a list as in string_list.hpp), unseen (a generation), used (ms),
///                       superseded ("GEN:MS GEN:MS "), and once it has ended: ended (ms)
///   PREFIXepoch:USER    the user's epoch: a random word. A session with another one has ended.
///   PREFIXsessions:USER sorted set: the user's sessions that have not ended, by their last use
///   PREFIXended         stream, and the channel where something is said when it has grown: every
///                       end of a session, s (its id) and at (ms)
///
/// Each key is gone by itself when nothing needs it any more, but for the stream, which lets go of
/// its oldest entries. A lost epoch ends the user's sessions: the next login makes a word that no
/// session had.
inline constexpr const char* key_prefix = "gatehouse:";

struct SessionScripts {
    SessionScripts();

    Script create;
    Script find;
    Script list;
    Script rotate;
    Script mark_seen;
    Script replace_amr;
    Script end;
    Script end_all;
    Script end_next;
    Script end_again;
    Script count_next;
};

} // namespace gatehouse::auth::redis
