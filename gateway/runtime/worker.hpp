#pragma once

#include "gateway/net/file_descriptor.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/runtime/rooms.hpp"
#include "gateway/upstream/endpoint_facts.hpp"
#include "gateway/upstream/name_book.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::auth {
class KeyRing;
}

namespace gatehouse::gateway {

/// A listening socket given to one worker.
struct WorkerListener {
    FileDescriptor socket;
    /// Set: whatever comes in here is answered by it, without routes and tokens (admin address).
    std::shared_ptr<LocalEndpoint> only;
    std::string address{}; // as the settings name it
    /// Somebody else holds the socket too: what waits in its queue when we close it is theirs.
    bool shared = false;
};

/// Another descriptor of a socket that a worker listens on.
struct ListenerCopy {
    std::string address; // as the settings name it
    bool admin = false;
    FileDescriptor socket; // closed where there was no descriptor left
};

struct WorkerSetup {
    std::size_t index = 0; // among the workers: its log lane, its start in round robin
    std::shared_ptr<const Runtime> runtime;
    std::shared_ptr<const auth::KeyRing> keys;
    SharedRooms* shared = nullptr;
    std::vector<WorkerListener> listeners;
};

/// One core's share of the gateway: a thread with an event loop, listeners, connections, upstream
/// pools, token cache, log lane and counters of its own. Every public function may be called from
/// any thread.
class Worker {
public:
    /// Nothing is accepted before start().
    explicit Worker(WorkerSetup setup);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Stops at once and joins if it still runs.
    ~Worker();

    void start();

    /// Takes over a new generation: new requests see it, running ones finish with the old one.
    void use(std::shared_ptr<const Runtime> runtime);
    void use(std::shared_ptr<const auth::KeyRing> keys);
    /// Keys of other issuers from now on, as far as they are fetched.
    void use(std::shared_ptr<const auth::FetchedKeys> keys);
    /// Names of endpoints stand for that from now on.
    void use(std::shared_ptr<const NameBook> names);

    /// Accepts there too from now on.
    void open(WorkerListener listener);
    /// Accepts no more on what the settings named so. What waits in its queue is taken first,
    /// unless others have the socket too; its connections live on.
    void close(std::string address);
    /// From now on somebody else has all these sockets too: when they are closed, what waits in
    /// their queues is left to them.
    void share_listeners();

    /// Runs `job` on the worker's thread; dropped when the worker has ended.
    void post(std::function<void()> job);

    /// Tells `listener`, on the worker's thread, how its endpoints do; never when it has ended.
    void ask_for_endpoints(std::function<void(EndpointBook)> listener);

    /// The same with copies of the sockets it listens on.
    void ask_for_listeners(std::function<void(std::vector<ListenerCopy>)> listener);

    /// Accepts for drain.delay, then closes listeners and idle connections, answers with
    /// `Connection: close`, and ends when the last request is complete or at drain.timeout.
    void drain();
    /// Another process has all its sockets and serves. Accepts no more, answers with
    /// `Connection: close`, and ends with its last connection: silent ones are kept as long as
    /// ever, for nobody has told them to go elsewhere, or until drain(). At drain.timeout it ends
    /// in any case.
    void leave();
    /// Cuts everything off and ends.
    void stop();

    /// Its thread serves nobody any more, and answers nobody here.
    [[nodiscard]] bool has_ended() const noexcept;

    enum class End { idle, cut_off };

    /// Waits for the thread. cut_off: requests were running when it ended.
    End join();

    [[nodiscard]] const Counters& counters() const noexcept;

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

} // namespace gatehouse::gateway
