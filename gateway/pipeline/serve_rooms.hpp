#pragma once

#include "auth/tokens/authenticator.hpp"
#include "gateway/headers/http_date.hpp"
#include "gateway/headers/request_ids.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/turn.hpp"
#include "gateway/observe/access_log.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/traffic.hpp"
#include "gateway/runtime/rooms.hpp"
#include "gateway/trace/tracer.hpp"
#include "gateway/upstream/upstream_table.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

class Revalidations;

/// A generation of settings as one worker uses it. Requests pin the one they began with.
struct Generation {
    Generation(std::shared_ptr<const Runtime> settings, std::vector<UpstreamGroup> groups,
               auth::Authenticator whose_token, AccessLog log, Traffic counting, Limits keeping_to,
               Tracer tracing)
        : runtime(std::move(settings)),
          upstreams(std::move(groups)),
          authenticator(std::move(whose_token)),
          access_log(std::move(log)),
          traffic(std::move(counting)),
          limits(std::move(keeping_to)),
          tracer(std::move(tracing))
    {
    }

    std::shared_ptr<const Runtime> runtime;
    std::vector<UpstreamGroup> upstreams; // by Route::upstream
    auth::Authenticator authenticator;
    AccessLog access_log;
    Traffic traffic;
    Limits limits;
    Tracer tracer;
    std::uint32_t pins = 0; // requests that still use it; one worker, no atomics
};

/// Everything of its worker that a request meets on its way. Nothing in it is shared with another
/// thread but `shared`.
struct Rooms {
    asio::io_context& io;
    Timers& timers;
    Turn& turn;
    Resolver& resolver;
    BufferPool& blocks;       // 64 KiB: heads and pieces of bodies
    BufferPool& large_blocks; // 256 KiB: pieces of long bodies
    /// Where heads are written. One for all requests of the worker, because a head is handed to
    /// the kernel (or copied) before anybody waits.
    std::span<char> desk;
    SharedRooms& shared;
    Counters& counters;
    IdSource& ids;
    HttpDate& date;
    Revalidations* revalidations = nullptr; // null: the worker asks for nothing by itself
    bool draining = false;                  // answers say `Connection: close`
    bool late = false;                      // so far behind that nothing goes to upstreams
};

} // namespace gatehouse::gateway
