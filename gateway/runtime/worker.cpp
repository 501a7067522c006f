#include "gateway/runtime/worker.hpp"

#include "gateway/runtime/short_slices.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

#include <atomic>
#include <thread>
#include <utility>

namespace gatehouse::gateway {

namespace {

/// Nobody cancels a worker. Where the C library knows that nothing depends on when, it does not
/// note around each system call that it may happen: two locked instructions less for each of them.
void never_be_cancelled() noexcept
{
    int before = 0;
    ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    ::pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
}

} // namespace

class Worker::Loop {
public:
    explicit Loop(WorkerSetup setup) : inside(std::move(setup)) {}

    WorkerLoop inside;
    std::atomic<bool> ended{false};
    std::thread thread;
};

Worker::Worker(WorkerSetup setup) : loop_(std::make_unique<Loop>(std::move(setup))) {}

Worker::~Worker()
{
    stop();
    (void)join();
}

void Worker::start()
{
    loop_->thread = std::thread([loop = loop_.get()] {
        ask_for_short_slices();
        never_be_cancelled();
        loop->inside.start_listening();
        loop->inside.run();
        loop->ended = true;
    });
}

void Worker::post(std::function<void()> job)
{
    asio::post(loop_->inside.io(), std::move(job));
}

void Worker::use(std::shared_ptr<const Runtime> runtime)
{
    post([this, next = std::move(runtime)] { loop_->inside.use(next); });
}

void Worker::use(std::shared_ptr<const auth::KeyRing> keys)
{
    post([this, next = std::move(keys)] { loop_->inside.use(next); });
}

void Worker::use(std::shared_ptr<const auth::FetchedKeys> keys)
{
    post([this, next = std::move(keys)] { loop_->inside.use(next); });
}

void Worker::use(std::shared_ptr<const NameBook> names)
{
    post([this, next = std::move(names)] { loop_->inside.use(next); });
}

void Worker::open(WorkerListener listener)
{
    // A job has to be copied, a socket cannot be.
    auto kept = std::make_shared<WorkerListener>(std::move(listener));
    post([this, kept] { loop_->inside.open(std::move(*kept)); });
}

void Worker::close(std::string address)
{
    post([this, gone = std::move(address)] { loop_->inside.close(gone); });
}

void Worker::share_listeners()
{
    post([this] { loop_->inside.share_listeners(); });
}

void Worker::ask_for_listeners(std::function<void(std::vector<ListenerCopy>)> listener)
{
    post([this, tell = std::move(listener)] { tell(loop_->inside.copy_listeners()); });
}

void Worker::ask_for_endpoints(std::function<void(EndpointBook)> listener)
{
    post([this, tell = std::move(listener)] { tell(loop_->inside.endpoints()); });
}

void Worker::drain()
{
    post([this] { loop_->inside.begin_drain(); });
}

void Worker::leave()
{
    post([this] { loop_->inside.leave(); });
}

void Worker::stop()
{
    post([this] { loop_->inside.stop(); });
}

bool Worker::has_ended() const noexcept
{
    return loop_->ended;
}

Worker::End Worker::join()
{
    if (loop_->thread.joinable()) loop_->thread.join();
    return loop_->inside.cut_requests_off() ? End::cut_off : End::idle;
}

const Counters& Worker::counters() const noexcept
{
    return loop_->inside.counters();
}

} // namespace gatehouse::gateway
