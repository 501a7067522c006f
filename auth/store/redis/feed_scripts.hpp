#pragma once

#include "auth/store/redis/script.hpp"

namespace gatehouse::auth::redis {

/// What is asked of the stream of ended sessions (session_scripts.hpp), and of the book beside it:
///
///   PREFIXreplicas  hash: book (a random word, as old as the hash), and for each replica
///                   of:NAME = "BEAT APPLIED HISTORY"
///
/// Each tells which history the server is in: the word that Redis makes anew whenever a server
/// starts or takes over from another, that is, whenever what it holds may be less than what others
/// have heard. A replica of another server is nobody to ask, and says READONLY.
struct FeedScripts {
    FeedScripts();

    /// KEYS: stream. ARGV: the first id wanted, how many entries. Answers history, the newest id,
    /// and of each entry its id, session and time.
    Script read;
    /// KEYS: hash. ARGV: a fresh word, name, applied, beat, and the history in which it was
    /// applied. Answers history and book.
    Script report;
    /// KEYS: hash, stream. ARGV: a fresh word. Answers history, book, the newest id, and the hash.
    Script replicas;
    /// KEYS: hash. ARGV: name, beat.
    Script strike_out;
};

} // namespace gatehouse::auth::redis
