#include "gateway/runtime/name_watch.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{1000};
constexpr milliseconds failure_pause{5000};

} // namespace

milliseconds pause_after(const DnsAnswer& answer, milliseconds every) noexcept
{
    return std::max(std::min<milliseconds>(answer.ttl, every), shortest_pause);
}

milliseconds pause_after_failure(milliseconds every) noexcept
{
    return std::min(every, failure_pause);
}

NameWatch::Rooms rooms_for_names(const std::vector<std::unique_ptr<Worker>>& workers,
                                 LogRooms& logs)
{
    NameWatch::Rooms rooms;
    rooms.ask = [](const WatchedName& name) { return ask_dns(name.host, name.server); };
    rooms.ask_system = [](const WatchedName& name) { return ask_system(name.host); };
    rooms.on_change = [&workers](const std::shared_ptr<const NameBook>& book) {
        for (const auto& worker : workers) worker->use(book);
    };
    rooms.tell = [&logs](const WatchedName& name, std::optional<DnsFailure> failure) {
        logs.tell_name(name.host, failure);
    };
    return rooms;
}

NameWatch::NameWatch(Rooms rooms) : rooms_(std::move(rooms)) {}

NameWatch::~NameWatch()
{
    stop();
}

void NameWatch::use(const std::map<std::string, WatchedName>& names)
{
    const std::scoped_lock lock(mutex_);
    std::erase_if(names_, [&](const auto& known) { return !names.contains(known.first); });
    std::erase_if(book_, [&](const auto& known) { return !names.contains(known.first); });
    for (const auto& [key, name] : names) {
        auto& watched = names_[key];
        if (watched.name != name) watched = {.name = name, .is_of_dns = watched.is_of_dns};
    }
    const auto wanted = std::min(names_.size(), most_threads);
    while (!stopped_ && threads_.size() < wanted) threads_.emplace_back([this] { run(); });
    changed_.notify_all();
}

void NameWatch::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void NameWatch::run()
{
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (const auto key = next_due(lock)) look_up(*key, lock);
    }
}

/// The name that is due and that no other thread asks for; nothing after a wait.
std::optional<std::string> NameWatch::next_due(std::unique_lock<std::mutex>& lock)
{
    const auto first = std::ranges::min_element(names_, {}, [](const auto& named) {
        const auto& watched = named.second;
        return std::pair(watched.is_asked, watched.due);
    });
    if (first == names_.end() || first->second.is_asked) {
        changed_.wait(lock);
        return std::nullopt;
    }
    const auto due = first->second.due;
    if (due <= Clock::now()) return first->first;
    changed_.wait_until(lock, due);
    return std::nullopt;
}

/// What the system says of a name that DNS does not know. A DNS that fails after it has answered
/// changes nothing: a line in /etc/hosts may be an older truth.
std::optional<Result<DnsAnswer, DnsFailure>>
NameWatch::asked_elsewhere(const WatchedName& name, DnsFailure failure, bool is_of_dns) const
{
    const bool is_silent = failure == DnsFailure::no_answer && is_of_dns;
    if (!name.server.empty() || is_silent) return std::nullopt;
    return rooms_.ask_system(name);
}

void NameWatch::look_up(const std::string& key, std::unique_lock<std::mutex>& lock)
{
    const auto [name, is_of_dns] = std::pair(names_.at(key).name, names_.at(key).is_of_dns);
    names_.at(key).is_asked = true;
    lock.unlock();
    auto answer = rooms_.ask(name);
    const bool dns_knows = static_cast<bool>(answer);
    if (!answer) answer = asked_elsewhere(name, answer.error(), is_of_dns).value_or(answer);
    lock.lock();
    const auto found = names_.find(key);
    if (found == names_.end() || found->second.name != name) return; // nobody wants it any more
    auto& watched = found->second;
    watched.is_asked = false;
    if (answer) watched.is_of_dns = dns_knows;
    const bool told = std::exchange(watched.failed, !answer) != !answer;
    watched.due = Clock::now() +
                  (answer ? pause_after(*answer, name.every) : pause_after_failure(name.every));
    const bool is_new = answer && book_[key] != answer->addresses;
    if (is_new) book_[key] = answer->addresses;
    lock.unlock();
    if (told) rooms_.tell(name, answer ? std::nullopt : std::optional(answer.error()));
    if (is_new) hand_out();
    lock.lock();
}

/// One at a time, so that the newest book is the last one.
void NameWatch::hand_out()
{
    const std::scoped_lock one(handing_out_);
    std::shared_ptr<const NameBook> book;
    {
        const std::scoped_lock lock(mutex_);
        book = std::make_shared<const NameBook>(book_);
    }
    rooms_.on_change(book);
}

} // namespace gatehouse::gateway
