#include "tests/auth/store/contract.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <random>
#include <thread>

/// `kill -9` at a random moment: whatever the dead process had acknowledged is there, and nothing
/// of it has come back. R44.
namespace gatehouse::auth::contract {
namespace {

constexpr int writers = 4;

/// What a writer says about its user after a call was answered. Fits a pipe's atomic write.
struct Acknowledged {
    int writer = 0;
    int user = 0;

    enum Effect : int { registered, rotated, signed_out } effect = registered;

    Generation generation = 0;
};

[[nodiscard]] std::string user_id(int writer, int user)
{
    return "u" + std::to_string(writer) + "-" + std::to_string(user);
}

/// Registers, refreshes and signs out, user after user, and reports each answer. Never returns.
void write_until_killed(Store& store, int writer, int pipe)
{
    const auto tell = [&](int user, Acknowledged::Effect effect, Generation generation) {
        const Acknowledged said{writer, user, effect, generation};
        if (::write(pipe, &said, sizeof said) != sizeof said) ::_exit(1);
    };
    for (int user = 0;; ++user) {
        const auto id = user_id(writer, user);
        must(store.create_user(user_called(id, id), {}, noon));
        must(store.create_session(session_of(id, "s" + id), {}, noon));
        tell(user, Acknowledged::registered, 1);
        for (Generation from = 1; from <= 3; ++from) {
            if (!must(store.rotate("s" + id, from, refreshed(noon), noon))) ::_exit(2);
            tell(user, Acknowledged::rotated, from + 1);
        }
        if (user % 2 == 1) continue;
        if (!must(store.end_session("s" + id, noon))) ::_exit(3);
        tell(user, Acknowledged::signed_out, 4);
    }
}

/// The child: a gateway's store with several writers, so that commits are shared.
[[noreturn]] void live_until_killed(const std::filesystem::path& folder, int pipe)
{
    try {
        const auto store = open_kind("sqlite", folder);
        std::vector<std::thread> threads;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&, writer] { write_until_killed(*store, writer, pipe); });
        }
        for (auto& thread : threads) thread.join();
    } catch (...) {
    }
    ::_exit(4);
}

/// Lets a process write until it acknowledged `enough`, kills it, and returns all it said.
[[nodiscard]] std::vector<Acknowledged> kill_after(const std::filesystem::path& folder,
                                                   std::size_t enough)
{
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const auto child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        live_until_killed(folder, pipe[1]);
    }
    ::close(pipe[1]);
    std::vector<Acknowledged> said;
    Acknowledged next;
    while (::read(pipe[0], &next, sizeof next) == sizeof next) {
        said.push_back(next);
        if (said.size() == enough) ::kill(child, SIGKILL);
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    return said;
}

TEST(KilledStore, LosesNothingItAcknowledgedAndRevivesNothing)
{
    std::mt19937 random{std::random_device{}()};
    for (int round = 0; round < 10; ++round) {
        const auto enough = std::uniform_int_distribution<std::size_t>(1, 200)(random);
        SCOPED_TRACE("killed after " + std::to_string(enough) + " answers");
        const TemporaryFolder folder;
        std::map<std::string, Acknowledged> newest;
        for (const auto& said : kill_after(folder.path(), enough))
            newest[user_id(said.writer, said.user)] = said;

        const auto store = open_kind("sqlite", folder.path());
        for (const auto& [id, said] : newest) {
            SCOPED_TRACE(id);
            ASSERT_TRUE(must(store->find_user_by_name(id)));
            const auto session = must(store->find_session("s" + id));
            ASSERT_TRUE(session);
            // At most one call was under way, unacknowledged, when the process died.
            EXPECT_GE(session->generation, said.generation);
            EXPECT_LE(session->generation, said.generation + 1);
            EXPECT_EQ(session->superseded.size(), session->generation - 1);
            if (said.effect == Acknowledged::signed_out) EXPECT_TRUE(session->ended_at);
            if (session->generation < 4) EXPECT_FALSE(session->ended_at);
            // An old generation brings no new one; the current one does, unless signed out.
            EXPECT_FALSE(
                must(store->rotate("s" + id, session->generation - 1, refreshed(noon), noon)));
            EXPECT_EQ(must(store->rotate("s" + id, session->generation, refreshed(noon), noon)),
                      !session->ended_at);
        }
    }
}

} // namespace
} // namespace gatehouse::auth::contract
