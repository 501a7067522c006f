#include "tests/bench/store/people.hpp"

#include "auth/basics/id.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <thread>

namespace gatehouse::bench {

namespace {

using namespace std::chrono_literals;

/// 19 MiB and two passes, as by default: a salt of 16 bytes, a hash of 32.
constexpr const char* nobodys_hash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

// What the largest part of people comes with.
constexpr const char* browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
                                "(KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

[[noreturn]] void give_up(const std::string& why)
{
    std::cerr << why << '\n';
    std::exit(1);
}

/// Calls `work` with each number below `count`.
void share_out(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work)
{
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
        workers.emplace_back([&] {
            for (std::size_t number = next++; number < count; number = next++) work(number);
        });
    }
}

} // namespace

std::optional<Person> person_from(const std::string& line)
{
    std::istringstream words{line};
    Person person;
    std::int64_t issued = 0;
    std::int64_t expires = 0;
    words >> person.name >> person.user_id >> person.session_id >> issued >> expires;
    if (!words || !(words >> std::ws).eof()) return std::nullopt;
    person.issued_at = auth::Seconds{std::chrono::seconds{issued}};
    person.expires_at = auth::Seconds{std::chrono::seconds{expires}};
    return person;
}

std::vector<Person> people_of(const std::string& path)
{
    std::ifstream file{path};
    std::vector<Person> people;
    for (std::string line; std::getline(file, line);) {
        auto person = person_from(line);
        if (!person) give_up(path + " has a line that names nobody: " + line);
        people.push_back(*std::move(person));
    }
    return people;
}

std::vector<Person> strangers(std::size_t count)
{
    const auto now = auth::SystemClock{}.seconds();
    std::vector<Person> people(count);
    for (auto& person : people) {
        person.user_id = auth::Id128::random().to_string();
        person.name = "stranger-" + person.user_id.substr(0, 8);
        person.session_id = auth::Id128::random().to_string();
        person.issued_at = now;
        person.expires_at = now + 365 * 24h;
    }
    return people;
}

auth::User user_of(const Person& person, const Shape& shape)
{
    auth::User user;
    user.id = person.user_id;
    user.username = user.folded_username = person.name;
    user.email = user.folded_email = person.name + "@example.test";
    user.password_hash = shape.password_hash.empty() ? nobodys_hash : shape.password_hash;
    user.created = person.issued_at;
    return user;
}

auth::Session session_of(const Person& person, const Shape& shape)
{
    auth::Session session;
    session.id = person.session_id;
    session.user_id = person.user_id;
    session.issued_at = session.login_at = person.issued_at;
    session.expires_at = person.expires_at;
    session.address = "203.0.113.117";
    session.user_agent = browser;
    for (; session.generation <= shape.superseded; ++session.generation)
        session.superseded.push_back({session.generation, auth::Millis{person.issued_at}});
    return session;
}

void settle(auth::Store& store, const std::vector<Person>& people, const Shape& shape,
            std::size_t threads)
{
    share_out(people.size(), threads, [&](std::size_t number) {
        const Person& person = people[number];
        const auto session = session_of(person, shape);
        const auto done =
            store.register_user(user_of(person, shape), {}, session, session.issued_at);
        if (!done) give_up(person.name + ": " + std::string(to_string(done.error())));
    });
}

void refresh(auth::Store& store, const std::vector<Person>& people, std::size_t times,
             std::size_t threads)
{
    const auth::SystemClock clock;
    share_out(people.size(), threads, [&](std::size_t number) {
        const Person& person = people[number];
        auto session = session_of(person, {});
        const auth::RotationTerms terms{session.issued_at, session.expires_at, session.address,
                                        session.user_agent};
        for (const auto last = session.generation + times; session.generation < last;
             ++session.generation) {
            const auto done = store.rotate(session.id, session.generation, terms, clock.now());
            if (!done || !*done) give_up("the session of " + person.name + " was not refreshed");
        }
    });
}

std::size_t end_every(std::size_t step, auth::Store& store, const std::vector<Person>& people,
                      std::size_t threads)
{
    const std::size_t count = step == 0 ? 0 : (people.size() + step - 1) / step;
    const auth::SystemClock clock;
    share_out(count, threads, [&](std::size_t number) {
        const Person& person = people[number * step];
        const auto ended = store.end_session(person.session_id, clock.now());
        if (!ended || !*ended) give_up("the session of " + person.name + " did not end");
    });
    return count;
}

} // namespace gatehouse::bench
