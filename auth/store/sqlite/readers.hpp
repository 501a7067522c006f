#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/sqlite/transaction.hpp"
#include "auth/store/store_error.hpp"
#include "auth/store/store_meter.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::auth::sqlite {

/// Connections that read. There are as many as callers ever read at once; readers neither wait for
/// the writer nor for each other.
class Readers {
public:
    /// `meter` counts the calls; null: nobody does. All of them outlive the readers.
    Readers(std::string path, FailureReport& failures, StoreMeter* meter = nullptr)
        : path_(std::move(path)),
          failures_(failures),
          meter_(meter)
    {
    }

    /// Runs `work(Database&)`, which returns a Result<T, StoreError>, on one state of the file.
    template <class Work>
    [[nodiscard]] auto run(Work work) -> std::invoke_result_t<Work&, Database&>
    {
        StoreMeter::Call call(meter_, StoreMeter::Kind::read);
        try {
            auto database = take();
            auto answer = in_snapshot(*database, work);
            give_back(std::move(database)); // its transaction is gone: the next caller begins one
            return answer;
        } catch (const Failure& failure) {
            call.failed();
            failures_.note(failure.what());
            return StoreError::unavailable; // and the connection is closed, whatever it had
        }
    }

private:
    template <class Work>
    [[nodiscard]] static auto in_snapshot(Database& database, Work& work)
    {
        Transaction snapshot(database, Transaction::Kind::snapshot);
        auto answer = work(database);
        snapshot.commit();
        return answer;
    }

    [[nodiscard]] std::unique_ptr<Database> take();
    void give_back(std::unique_ptr<Database> database);

    std::string path_;
    FailureReport& failures_;
    StoreMeter* meter_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Database>> idle_;
};

} // namespace gatehouse::auth::sqlite
