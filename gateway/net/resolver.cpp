#include "gateway/net/resolver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <netdb.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::gateway {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

} // namespace

std::vector<SocketAddress> ask_for_addresses(const HostPort& where)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto port = std::to_string(where.port);
    if (::getaddrinfo(where.host.c_str(), port.c_str(), &hints, &found) != 0) return {};
    const std::unique_ptr<addrinfo, FreeAddresses> list{found};
    std::vector<SocketAddress> addresses;
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        addresses.emplace_back(each->ai_addr, each->ai_addrlen);
    }
    return addresses;
}

struct Resolver::Impl {
    using Asked = std::vector<std::shared_ptr<Answer>>;

    Impl(asio::io_context& io_context, Ask how) : io(io_context), ask(std::move(how)) {}

    ~Impl()
    {
        {
            const std::scoped_lock lock(mutex);
            stopped = true;
            changed.notify_all();
        }
        for (auto& thread : threads) thread.join();
    }

    /// Another one waits for a question that is under way.
    static void join(Asked& asked, std::shared_ptr<Answer> answer)
    {
        // Who gave up meanwhile is let go now and then, and not only when the answer comes.
        if (asked.size() == asked.capacity()) {
            std::erase_if(asked, [](const auto& each) { return each->whom == nullptr; });
        }
        asked.push_back(std::move(answer));
    }

    /// False: there is no thread that could ask.
    bool begin(const HostPort& where)
    {
        const std::scoped_lock lock(mutex);
        if (waiting.size() >= idle && threads.size() < most_threads) add_thread();
        if (threads.empty()) return false;
        waiting.push_back(where);
        changed.notify_one();
        return true;
    }

    void add_thread()
    {
        try {
            threads.emplace_back([this] { work(); });
        } catch (const std::system_error&) { // those that are there will do
            return;
        }
    }

    void work()
    {
        std::unique_lock lock(mutex);
        for (;;) {
            ++idle;
            changed.wait(lock, [this] { return stopped || !waiting.empty(); });
            --idle;
            if (stopped) return;
            const auto where = std::move(waiting.front());
            waiting.pop_front();
            lock.unlock();
            tell(where, ask_now(where));
            lock.lock();
        }
    }

    std::vector<SocketAddress> ask_now(const HostPort& where) const
    {
        try {
            return ask(where);
        } catch (const std::bad_alloc&) { // as a name that is not known
            return {};
        }
    }

    void tell(const HostPort& where, std::vector<SocketAddress> addresses)
    {
        asio::post(io, [this, where, found = std::move(addresses)] {
            const auto entry = questions.find({where.host, where.port});
            const auto asked = std::move(entry->second.asked);
            questions.erase(entry);
            for (const auto& answer : asked) {
                answer->done = true;
                answer->addresses = found;
                if (auto* whom = std::exchange(answer->whom, nullptr)) whom->wake();
            }
        });
    }

    /// Keeps the loop going while somebody waits.
    struct Question {
        Asked asked;
        asio::executor_work_guard<asio::io_context::executor_type> work;
    };

    asio::io_context& io;
    const Ask ask;
    std::map<std::pair<std::string, std::uint16_t>, Question> questions; // of the loop's thread

    std::mutex mutex;
    std::condition_variable changed;
    // Guarded by mutex:
    std::deque<HostPort> waiting;
    std::size_t idle = 0;
    bool stopped = false;
    std::vector<std::thread> threads;
};

Resolver::Resolver(asio::io_context& io, Ask ask)
    : impl_(std::make_unique<Impl>(io, std::move(ask)))
{
}

Resolver::~Resolver() = default;

std::shared_ptr<Resolver::Answer> Resolver::ask(const HostPort& where, Wakeable& whom)
{
    auto answer = std::make_shared<Answer>();
    answer->whom = &whom;
    auto& questions = impl_->questions;
    const auto [entry, is_new] =
        questions.try_emplace({where.host, where.port},
                              Impl::Question{{}, asio::make_work_guard(impl_->io.get_executor())});
    Impl::join(entry->second.asked, answer);
    if (is_new && !impl_->begin(where)) {
        questions.erase(entry);
        answer->done = true;
        answer->whom = nullptr;
    }
    return answer;
}

} // namespace gatehouse::gateway
