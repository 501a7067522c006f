#include "auth/store/sqlite/readers.hpp"

namespace gatehouse::auth::sqlite {

using namespace std::chrono_literals;

std::unique_ptr<Database> Readers::take()
{
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            auto database = std::move(idle_.back());
            idle_.pop_back();
            return database;
        }
    }
    // In WAL mode a reader is in nobody's way, except for the moment of a recovery.
    return std::make_unique<Database>(path_, 500ms);
}

void Readers::give_back(std::unique_ptr<Database> database)
{
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(database));
}

} // namespace gatehouse::auth::sqlite
