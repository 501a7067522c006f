#pragma once

#include <stdexcept>
#include <string>

namespace gatehouse::auth::postgres {

/// The server did not do what it was asked. Never leaves auth/store/postgres: the pool turns it
/// into a StoreError, or tries again.
class Failure : public std::runtime_error {
public:
    enum class Kind {
        refused,  // the statement failed, the connection goes on: a bad value, a timeout, a full
                  // disk
        conflict, // rolled back because of others (serialization, deadlock): worth another try
        lost,     // the connection is gone, and with it what was not committed
        missing,  // a table or schema that is not there (yet)
        read_only // this server takes no writes (any more); another one may
    };

    Failure(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

} // namespace gatehouse::auth::postgres
