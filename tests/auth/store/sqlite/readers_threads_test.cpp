#include "auth/store/sqlite/readers.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

#include <atomic>
#include <fstream>

namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
using contract::together;

TEST(Readers, NobodyEndsTheTransactionOfWhoHasTheConnectionNext)
{
    const contract::TemporaryFolder folder;
    const auto path = (folder.path() / "test.db").string();
    std::ofstream{path};
    Database(path, 10s).execute("PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER);"
                                "INSERT INTO rows VALUES (7)");
    std::atomic<int> refused = 0;
    FailureReport failures{{}};
    Readers readers(path, failures);
    together(8, [&](int) {
        for (int round = 0; round < 2000; ++round) {
            const auto answer = readers.run([](Database& database) -> Result<int, StoreError> {
                return static_cast<int>(database.integer("SELECT id FROM rows"));
            });
            if (!answer || *answer != 7) ++refused;
        }
    });
    EXPECT_EQ(refused, 0);
}

} // namespace
} // namespace gatehouse::auth::sqlite
