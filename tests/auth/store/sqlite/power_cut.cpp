#include "tests/auth/store/sqlite/power_cut.hpp"

#include "auth/store/sqlite/open.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

namespace gatehouse::auth::contract {

namespace {

constexpr const char* file_name = "gatehouse.db";

/// Follows the feed like another process until told to stop.
void follow(Store& store, Record& record, const std::atomic<bool>& over)
{
    std::uint64_t last = 0;
    while (!over) {
        auto changes = store.changes_after(last, 100);
        if (!changes || changes->empty()) {
            static_cast<void>(store.wait_for_changes(10s));
            continue;
        }
        last = changes->back().sequence;
        record.add(Record::Heard{std::move(*changes)});
    }
}

/// The lines that only one of two views has.
[[nodiscard]] std::string difference(const std::string& expected, const std::string& found)
{
    const auto lines_of = [](const std::string& text) {
        std::istringstream in(text);
        std::multiset<std::string> lines;
        for (std::string line; std::getline(in, line);) lines.insert(line);
        return lines;
    };
    const auto wanted = lines_of(expected);
    const auto there = lines_of(found);
    std::string text;
    for (const auto& line : wanted) {
        if (!there.contains(line)) text += "\n  missing: " + line;
    }
    for (const auto& line : there) {
        if (!wanted.contains(line)) text += "\n  instead: " + line;
    }
    return text.empty() ? "\n  the order of the feed" : text;
}

/// The index that SQLite keeps in shared memory is a file too. Whatever a power cut makes of it,
/// nobody may believe it.
void leave_garbage_index(const std::filesystem::path& folder, std::mt19937& random)
{
    std::ofstream file(folder / (std::string(file_name) + "-shm"), std::ios::binary);
    for (int i = 0; i < 8192; ++i) file.put(static_cast<char>(random()));
}

} // namespace

void Record::add(Entry entry)
{
    const std::scoped_lock lock(mutex_);
    entries_.push_back(std::move(entry));
}

void Damage::add(const Damage& more)
{
    unusable.insert(unusable.end(), more.unusable.begin(), more.unusable.end());
    lost.insert(lost.end(), more.lost.begin(), more.lost.end());
}

DarkLife::DarkLife(const Plan& plan, std::mt19937::result_type seed)
    : plan_(plan),
      random_(seed),
      expected_(plan.clients)
{
    for (std::size_t i = 0; i < plan.clients; ++i) {
        clients_.emplace_back(static_cast<int>(i), random_());
    }
}

Damage DarkLife::live_on(Seen& seen)
{
    Record record;
    auto next = std::make_unique<TemporaryFolder>();
    if (folder_) {
        // Every file was told of under its old folder.
        const auto mercy = every_mercy[random_() % std::size(every_mercy)];
        Files files;
        for (auto& [path, bytes] : disk_.left(mercy, random_)) {
            files[(next->path() / std::filesystem::path(path).filename()).string()] =
                std::move(bytes);
        }
        write_into(next->path(), files);
        disk_ = TornDisk(files);
    }
    folder_ = std::move(next);
    load(record, seen);
    look_at(record, seen);
    return cut_into(record);
}

void DarkLife::load(Record& record, Seen& seen)
{
    const Tracing tracing([&](DiskChange change) { record.add(std::move(change)); },
                          plan_.synchronous);
    const auto store = open_kind("sqlite", folder_->path());
    std::mutex mutex;
    std::atomic<bool> over = false;
    std::thread follower([&] { follow(*store, record, over); });
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < plan_.clients; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < plan_.calls_each; ++n) {
                const auto call = clients_[i].choose();
                record.add(Record::Began{i, call});
                const auto answer = call.make(*store);
                record.add(Record::Answered{i});
                const auto right = clients_[i].learn(call);
                const std::scoped_lock lock(mutex);
                if (answer != right) {
                    seen.wrong.insert(call.words + ": " + answer + " instead of " + right);
                } else if (answer == "ok" || answer == "true" || answer.starts_with("ended ")) {
                    seen.worked.insert(call.words.substr(0, call.words.find(' ')));
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    over = true;
    store->stop_waiting();
    follower.join();
}

void DarkLife::look_at(const Record& record, Seen& seen)
{
    bool synced = true;
    for (const auto& entry : record.entries()) {
        const auto* change = std::get_if<DiskChange>(&entry);
        if (change != nullptr && change->kind == DiskChange::Kind::sync) synced = true;
        const bool into_file = change != nullptr && change->kind == DiskChange::Kind::write &&
                               change->path.ends_with(file_name);
        if (into_file) ++seen.copied_back;
        if (!std::holds_alternative<Record::Answered>(entry)) continue;
        if (!std::exchange(synced, false)) ++seen.together;
    }
}

Damage DarkLife::cut_into(const Record& record)
{
    const auto& entries = record.entries();
    std::vector<std::size_t> moments;
    for (int i = 0; i < plan_.cuts; ++i) moments.push_back(random_() % (entries.size() + 1));
    std::ranges::sort(moments);
    Damage damage;
    std::size_t taken = 0;
    for (const auto moment : moments) {
        while (taken < moment) take(entries[taken++]);
        damage.add(inspect(every_mercy[random_() % std::size(every_mercy)]));
    }
    while (taken < entries.size()) take(entries[taken++]);
    return damage;
}

void DarkLife::take(const Record::Entry& entry)
{
    if (const auto* change = std::get_if<DiskChange>(&entry)) {
        disk_.apply(*change);
    } else if (const auto* began = std::get_if<Record::Began>(&entry)) {
        auto& expected = expected_[began->client];
        expected.under_way = began->call;
        expected.ahead.take(began->call);
    } else if (const auto* answered = std::get_if<Record::Answered>(&entry)) {
        auto& expected = expected_[answered->client];
        expected.settled.take(*expected.under_way);
        expected.under_way.reset();
    } else if (const auto* heard = std::get_if<Record::Heard>(&entry)) {
        heard_.insert(heard_.end(), heard->changes.begin(), heard->changes.end());
    }
}

Damage DarkLife::inspect(Mercy mercy)
{
    const TemporaryFolder folder;
    write_into(folder.path(), disk_.left(mercy, random_));
    if (random_() % 2 == 0) leave_garbage_index(folder.path(), random_);
    const auto told = [&](const std::string& what) {
        return std::string("a disk that ") + to_string(mercy) + ": " + what;
    };
    const Tracing silent; // what is only looked at need not be synced
    Damage damage;
    try {
        const auto store = open_kind("sqlite", folder.path());
        sqlite::Database file((folder.path() / file_name).string(), 10s);
        auto check = file.query("PRAGMA integrity_check");
        if (check.next() && check.text(0) != "ok") damage.unusable.push_back(told(check.text(0)));
        damage.add(inspect_store(*store));
        for (auto& what : damage.lost) what = told(what);
    } catch (const std::exception& failure) {
        damage.unusable.push_back(told(failure.what()));
    }
    return damage;
}

Damage DarkLife::inspect_store(Store& store)
{
    Damage damage;
    const auto changes = must(store.changes_after(0, 100'000));
    if (auto missing = compare_feed(store, changes)) damage.lost.push_back(*missing);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (auto difference = compare(store, changes, i)) damage.lost.push_back(*difference);
    }
    if (!damage.lost.empty()) return damage;
    for (std::size_t i = 0; i < clients_.size(); ++i) probe(store, i, damage.lost);
    return damage;
}

/// What this client was told is there, and of the call that was under way all or nothing.
std::optional<std::string> DarkLife::compare(Store& store, const std::vector<Change>& changes,
                                             std::size_t client)
{
    const auto view_of = [&](const Expectation& expectation) {
        auto& memory = expectation.store();
        return clients_[client].view_of(memory, must(memory.changes_after(0, 100'000)));
    };
    const auto& expected = expected_[client];
    const auto found = clients_[client].view_of(store, changes);
    const auto settled = view_of(expected.settled);
    if (found == settled) return std::nullopt;
    if (!expected.under_way) return "acknowledged, but:" + difference(settled, found);
    if (found == view_of(expected.ahead)) return std::nullopt;
    return "during " + expected.under_way->words + ":" + difference(settled, found);
}

/// What was read from the feed is still there, under the same numbers; no number is given twice.
std::optional<std::string> DarkLife::compare_feed(Store& store, const std::vector<Change>& there)
{
    const auto is_there = [&](const Change& heard) {
        // The first client forgets.
        if (clients_[0].lived_at(heard.at)) return true;
        const auto found = std::ranges::lower_bound(there, heard.sequence, {}, &Change::sequence);
        return found != there.end() && found->sequence == heard.sequence &&
               found->kind == heard.kind && found->subject == heard.subject;
    };
    const auto lost = std::ranges::find_if_not(heard_, is_there);
    if (lost != heard_.end()) return "a change that was heard is gone: " + lost->subject;
    const auto last = heard_.empty() ? 0 : heard_.back().sequence;
    if (must(store.standing(noon)).sequence < last) return "numbers of changes will come twice";
    return std::nullopt;
}

/// Not only looks: tries what must not work any more.
void DarkLife::probe(Store& store, std::size_t client, std::vector<std::string>& lost)
{
    const auto& who = clients_[client];
    const auto now = who.now();
    const auto refuses = [&](bool kept, const std::string& what) {
        if (!kept) lost.push_back(what);
    };
    if (!who.sessions().empty()) {
        const auto& id = who.sessions()[random_() % who.sessions().size()];
        if (const auto session = must(store.find_session(id))) {
            const auto spent = session->generation - 1;
            refuses(!must(store.rotate(id, spent, refreshed(now), now)), "spent, but valid: " + id);
            const bool rotated = must(store.rotate(id, session->generation, refreshed(now), now));
            refuses(rotated != session->ended_at.has_value(), "ended, but alive: " + id);
        }
    }
    if (!who.users().empty()) {
        const auto& id = who.users()[random_() % who.users().size()];
        const auto user = must(store.find_user(id));
        const auto login =
            store.create_session(session_of(id, "probe" + std::to_string(++probes_)), {}, now);
        refuses(login.has_value() == (user && !user->blocked), "gone or blocked, but lives: " + id);
    }
    const auto redeem = [&](const std::string& invite) {
        const auto id = "probe" + std::to_string(++probes_);
        return store.create_user(user_called(id, id), invite, now).has_value();
    };
    const auto& settled = expected_[client].settled;
    const auto& ahead = expected_[client].ahead;
    if (!settled.spent_invites().empty()) {
        const auto& invite = *settled.spent_invites().rbegin();
        refuses(!redeem(invite), "spent, but good: " + invite);
    }
    for (const auto& invite : settled.open_invites()) {
        if (!ahead.open_invites().contains(invite)) continue; // being spent at this moment
        refuses(redeem(invite), "an invite that was acknowledged is gone: " + invite);
        break;
    }
}

} // namespace gatehouse::auth::contract
