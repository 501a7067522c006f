#include "auth/store/sqlite/writer.hpp"

#include "auth/store/sqlite/transaction.hpp"

#include <algorithm>

namespace gatehouse::auth::sqlite {

namespace {

using namespace std::chrono_literals;

// 1000 pages of 4 KiB, SQLite's own default: the log stays small enough to search quickly.
constexpr int checkpoint_pages = 1000;

// How long one attempt at the file lock takes before the queue is looked at again.
constexpr auto lock_attempt = 50ms;

int remember_pages(void* pages_in_log, sqlite3*, const char*, int pages)
{
    *static_cast<int*>(pages_in_log) = pages;
    return SQLITE_OK;
}

} // namespace

Writer::Writer(Database database, FileLock lock, StoreRole role, WriterLimits limits,
               FailureReport& failures)
    : database_(std::move(database)),
      lock_(std::move(lock)),
      role_(role),
      limits_(limits),
      failures_(failures)
{
    sqlite3_wal_hook(database_.handle(), remember_pages, &pages_in_log_);
    thread_ = std::thread([this] { serve(); });
}

Writer::~Writer()
{
    stop();
    thread_.join();
}

void Writer::stop() noexcept
{
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
}

bool Writer::carry_out(const std::shared_ptr<Job>& job)
{
    std::unique_lock lock(mutex_);
    if (stopping_) return false;
    if (queue_.size() >= limits_.max_queued) {
        failures_.note("too many writes are waiting already");
        return false;
    }
    queue_.push_back(job);
    arrived_.notify_one();
    job->settled.wait_for(lock, patience(), [&] { return job->state != Job::State::waiting; });
    std::erase(queue_, job); // still there: it was not begun, and now never will be
    if (job->state == Job::State::waiting) report_overdue();
    return job->state == Job::State::durable;
}

void Writer::report_overdue()
{
    std::string why = "a write took too long";
    if (obstacle_ != nullptr) why.append(": ").append(obstacle_);
    failures_.note(why);
}

void Writer::cannot_begin(const char* obstacle)
{
    const std::scoped_lock lock(mutex_);
    obstacle_ = obstacle;
}

std::chrono::milliseconds Writer::patience() const
{
    // Callers stand in line for a few threads: those behind must not wait as long once more.
    const bool stuck = at_work_since_ &&
                       std::chrono::steady_clock::now() - *at_work_since_ >= limits_.patience / 2;
    return stuck ? limits_.patience / 4 : limits_.patience;
}

void Writer::serve()
{
    while (wait_for_work()) {
        const auto held = lock_.acquire(lock_attempt);
        if (!held) { // callers who tire of it leave the queue
            cannot_begin("another Gatehouse process is writing");
            continue;
        }
        commit_batch();
        checkpoint_when_due();
    }
}

bool Writer::wait_for_work()
{
    std::unique_lock lock(mutex_);
    // What could not begin is tried again although its callers may have left: the next ones are
    // told soon enough that the way is free.
    arrived_.wait(lock, [&] { return stopping_ || !queue_.empty() || at_work_since_; });
    if (!stopping_) {
        if (!at_work_since_) at_work_since_ = std::chrono::steady_clock::now();
        return true;
    }
    Batch rest(queue_.begin(), queue_.end());
    queue_.clear();
    lock.unlock();
    settle(rest, Job::State::lost);
    return false;
}

void Writer::commit_batch()
{
    Batch batch;
    try {
        Transaction transaction(database_, Transaction::Kind::write);
        // Only now: as long as somebody is in the way, jobs stay in the queue and can be withdrawn.
        batch = take_batch();
        for (const auto& job : batch) perform(*job);
        // It would commit without an error, into a file that no restart finds again.
        database_.must_have_its_files();
        transaction.commit();
        settle(batch, Job::State::durable);
    } catch (const Failure& failure) {
        if (batch.empty() && failure.code() == SQLITE_BUSY) {
            return cannot_begin("another program keeps the database locked");
        }
        failures_.note(failure.what());
        database_.save_what_the_lost_log_has();
        if (batch.empty()) batch = take_batch();
        settle(batch, Job::State::lost);
    }
}

Writer::Batch Writer::take_batch()
{
    const std::scoped_lock lock(mutex_);
    const auto size = std::min(queue_.size(), limits_.max_batch);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(size);
    Batch batch(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    return batch;
}

void Writer::perform(Job& job)
{
    database_.execute("SAVEPOINT job");
    bool keep = false;
    try {
        keep = job.work(database_);
    } catch (const Failure& failure) {
        failures_.note(failure.what());
        // Its answer says unavailable already. A full disk makes SQLite roll back the whole
        // transaction: then the jobs before this one are lost too, and the batch with them.
        if (!database_.in_transaction()) throw;
    }
    if (!keep) database_.execute("ROLLBACK TO job");
    database_.execute("RELEASE job");
}

void Writer::settle(const Batch& batch, Job::State state)
{
    const std::scoped_lock lock(mutex_);
    at_work_since_.reset();
    obstacle_ = nullptr;
    for (const auto& job : batch) {
        job->state = state;
        job->settled.notify_one();
    }
}

void Writer::checkpoint_when_due()
{
    if (role_ != StoreRole::gateway || pages_in_log_ < checkpoint_pages) return;
    // PASSIVE: copies what no reader needs any more and waits for nobody. If it fails, the log
    // grows until a later one succeeds; nothing is lost by that.
    sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
    pages_in_log_ = 0;
}

} // namespace gatehouse::auth::sqlite
