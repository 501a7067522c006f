#pragma once

#include "auth/redis/pool.hpp"

#include <string>
#include <vector>

namespace gatehouse::auth::redis {

/// A Lua script: all that it does happens at one moment. The server is told its name, and its text
/// only when it does not know the name: at first, and after a restart.
class Script {
public:
    explicit Script(std::string text);

    using Words = std::vector<std::string>;

    [[nodiscard]] Result<Reply, Failure> run(Pool& pool, const Words& keys, const Words& values,
                                             Pool::Again again) const;

private:
    std::string text_;
    std::string name_; // SHA-1 of the text, which is Redis's choice and no matter of security
};

} // namespace gatehouse::auth::redis
