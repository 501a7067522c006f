#include "gateway/issuers/issuer_watch.hpp"

#include <sodium/randombytes.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Tokens with made-up keys wake a thread no oftener, however many there are.
constexpr auto between_hearings = 1s;
constexpr auto between_tellings = 5min;

KeyPlan::Terms terms_of(const config::IssuerSettings& settings)
{
    return {settings.jwks.refresh, settings.jwks.cooldown, settings.jwks.stale_for};
}

bool is_same(const config::IssuerSettings& a, const config::IssuerSettings& b)
{
    return terms_of(a) == terms_of(b) && a.jwks.timeout == b.jwks.timeout;
}

/// Empty: the answer is of use.
std::string problem_with(const FetchAnswer& answer)
{
    if (answer.status == 0) return answer.why;
    return answer.status == 200 ? std::string() : "HTTP " + std::to_string(answer.status);
}

} // namespace

KeyAnswer ask_issuer(KeyFetch& fetch, const config::IssuerSettings& issuer,
                     const std::function<bool()>& give_up)
{
    const KeyFetch::Terms terms{issuer.jwks.ca, issuer.jwks.timeout};
    KeyAnswer told;
    auto url = issuer.jwks.url;
    if (url.empty()) {
        const auto asked = discovery_url(issuer.issuer);
        const auto document = fetch.get(asked, terms, give_up);
        told.why = problem_with(document);
        if (!told.why.empty()) return told;
        auto named = key_place_in(document.body, issuer.issuer);
        if (!named) {
            told.why = named.error().message;
            return told;
        }
        url = std::move(named->url);
    }
    auto answer = fetch.get(url, terms, give_up);
    told.why = problem_with(answer);
    if (!told.why.empty()) return told;
    auto keys = auth::keys_in_jwks(answer.body, issuer);
    if (!keys) {
        told.why = keys.error().message;
        return told;
    }
    told.keys = *std::move(keys);
    told.published = std::move(answer.body);
    told.max_age = answer.max_age;
    return told;
}

IssuerWatch::IssuerWatch(Rooms rooms) : rooms_(std::move(rooms))
{
    wishes_.on_first([this] {
        // Whoever calls is a worker, at most once a second. The lock is never held for long.
        const std::scoped_lock lock(mutex_);
        has_wishes_ = true;
        woken_.notify_one();
    });
}

IssuerWatch::~IssuerWatch()
{
    stop();
}

void IssuerWatch::use(const config::Settings& settings)
{
    std::map<std::string, Watched> wanted;
    for (const auto& [name, issuer] : settings.issuers) {
        auto source = auth::key_source_of(issuer);
        if (source.empty()) continue;
        wanted.emplace(std::move(source), Watched{issuer, name, KeyPlan(terms_of(issuer))});
    }
    const std::scoped_lock lock(mutex_);
    for (auto& [source, next] : wanted) {
        const auto known = watched_.find(source);
        if (known == watched_.end()) continue;
        const bool same = is_same(known->second.settings, next.settings);
        // What was fetched stays; under other terms it is fetched again.
        next.published = std::move(known->second.published);
        next.fetched = known->second.fetched;
        next.failures = known->second.failures;
        next.failing = known->second.failing;
        next.plan = known->second.plan;
        if (!same) next.plan.follow(terms_of(next.settings));
    }
    watched_ = std::move(wanted);
    std::erase_if(keys_, [this](const auto& each) { return !watched_.contains(each.first); });
    const auto enough = std::min(watched_.size(), most_threads);
    while (!stopping_ && threads_.size() < enough) threads_.emplace_back([this] { run(); });
    woken_.notify_all();
}

void IssuerWatch::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        woken_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

std::vector<IssuerFacts> IssuerWatch::facts() const
{
    std::vector<IssuerFacts> all;
    const auto now = Clock::now();
    const std::scoped_lock lock(mutex_);
    for (const auto& [source, watched] : watched_) {
        IssuerFacts facts{watched.name, 0, std::nullopt, watched.fetched, watched.failures};
        if (const auto keys = keys_.find(source); keys != keys_.end() && keys->second) {
            facts.keys = keys->second->size();
        }
        if (const auto at = watched.plan.fetched_at()) {
            facts.age_seconds = std::chrono::duration<double>(now - *at).count();
        }
        all.push_back(std::move(facts));
    }
    std::ranges::sort(all, {}, &IssuerFacts::name);
    return all;
}

void IssuerWatch::run() noexcept
{
    try {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            const auto now = Clock::now();
            hear_wishes(now);
            forget_stale(now, lock);
            const auto source = next_due(lock);
            if (!source.empty()) fetch(source, lock);
        }
    } catch (const std::exception& error) { // no memory: what is known counts until it is stale
        rooms_.tell({IssuerNews::What::failed, "all", error.what()});
    }
}

void IssuerWatch::hear_wishes(Clock::time_point now)
{
    if (!has_wishes_ || now < next_hearing_) return;
    has_wishes_ = false;
    next_hearing_ = now + between_hearings;
    for (const auto& wish : wishes_.take()) {
        const auto found = watched_.find(wish.source);
        // An answer on its way may be older than the key, and does not say that there is none. If
        // it has not brought it the next token asks again.
        if (found == watched_.end() || asked_.contains(wish.source)) continue;
        (void)found->second.plan.want(wish.key, now);
    }
}

std::string IssuerWatch::next_due(std::unique_lock<std::mutex>& lock)
{
    const auto now = Clock::now();
    auto next = Clock::time_point::max();
    for (const auto& [source, watched] : watched_) {
        const bool is_asked = asked_.contains(source);
        if (!is_asked && watched.plan.due() <= now) return source;
        if (!is_asked) next = std::min(next, watched.plan.due());
        if (const auto stale = watched.plan.stale_at(); stale && keys_.contains(source)) {
            next = std::min(next, *stale);
        }
    }
    const auto wakes = [this] {
        return stopping_ || (has_wishes_ && Clock::now() >= next_hearing_);
    };
    if (has_wishes_) next = std::min(next, next_hearing_);
    if (wakes()) return {};
    if (next == Clock::time_point::max()) {
        woken_.wait(lock);
    } else {
        woken_.wait_until(lock, next);
    }
    return {};
}

void IssuerWatch::fetch(const std::string& source, std::unique_lock<std::mutex>& lock)
{
    const auto settings = watched_.at(source).settings;
    asked_.insert(source);
    woken_.notify_one(); // another may be due as well
    lock.unlock();
    auto answer = rooms_.ask(settings, [this] { return stopping_.load(); });
    lock.lock();
    asked_.erase(source);
    const auto found = watched_.find(source);
    if (found == watched_.end() || stopping_) return; // nobody wants it any more
    bool is_new = false;
    const auto now = Clock::now();
    const bool was_failing = found->second.failing;
    const auto news = take(found->second, source, std::move(answer), is_new);
    const bool failed = news.what == IssuerNews::What::failed;
    bool tells = is_new || was_failing != failed;
    if (failed && now >= found->second.next_telling) tells = true;
    if (failed && tells) found->second.next_telling = now + between_tellings;
    if (is_new) hand_out(lock);
    if (!tells) return;
    lock.unlock();
    rooms_.tell(news);
    lock.lock();
}

IssuerNews IssuerWatch::take(Watched& watched, const std::string& source, KeyAnswer answer,
                             bool& is_new)
{
    const auto now = Clock::now();
    IssuerNews news{IssuerNews::What::failed, watched.name, answer.why};
    watched.failing = answer.keys == nullptr;
    if (watched.failing) {
        ++watched.failures;
        watched.plan.failed(now, chance());
        return news;
    }
    ++watched.fetched;
    watched.plan.fetched(now, answer.max_age, chance());
    const bool had_some = keys_.contains(source);
    // Whoever verified under the same keys need not forget it.
    is_new = !had_some || watched.published != answer.published;
    news.what = had_some && is_new ? IssuerNews::What::changed : IssuerNews::What::well;
    news.keys = answer.keys->size();
    if (is_new) {
        keys_[source] = std::move(answer.keys);
        watched.published = std::move(answer.published);
    }
    return news;
}

void IssuerWatch::forget_stale(Clock::time_point now, std::unique_lock<std::mutex>& lock)
{
    for (const auto& [source, watched] : watched_) {
        if (!watched.plan.is_stale(now) || !keys_.contains(source)) continue;
        const auto name = watched.name;
        keys_.erase(source);
        hand_out(lock);
        lock.unlock();
        rooms_.tell({IssuerNews::What::stale, name, {}});
        lock.lock();
        return; // the others at the next look, for they may have changed meanwhile
    }
}

/// To all workers. The lock is let go meanwhile. One at a time, so that the newest are the last.
void IssuerWatch::hand_out(std::unique_lock<std::mutex>& lock)
{
    lock.unlock();
    {
        const std::scoped_lock one(handing_out_);
        lock.lock();
        const auto keys = std::make_shared<const auth::FetchedKeys>(keys_);
        lock.unlock();
        rooms_.on_change(keys);
    }
    lock.lock();
}

double IssuerWatch::chance()
{
    constexpr std::uint32_t steps = 1U << 16U;
    return static_cast<double>(::randombytes_uniform(steps)) / steps;
}

} // namespace gatehouse::gateway
