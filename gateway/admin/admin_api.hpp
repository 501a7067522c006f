#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/apikeys/api_key_table.hpp"
#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/json/value.hpp"
#include "auth/revocation/confirmation.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/admin_credential.hpp"
#include "auth/service/admin_service.hpp"
#include "auth/store/store.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "gateway/admin/admin_guard.hpp"
#include "gateway/api/form_body.hpp"
#include "gateway/cache/cache_purge.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/runtime/reloader.hpp"
#include "gateway/runtime/rooms.hpp"
#include "gateway/upstream/endpoint_facts.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// The admin API (docs/ADMIN.md): what an operator asks of one running gateway and does to it and
/// to the accounts of its store. One for all workers. Nothing is answered without its credential.
class AdminApi final : public LocalEndpoint {
public:
    /// All of them outlive the endpoint.
    struct Rooms {
        auth::Store& store;
        auth::PasswordHasher& hasher;
        auth::RevocationTable& revocations;
        auth::ApiKeyTable& api_keys;
        auth::KeyKeeper& keys;
        const auth::Clock& clock;
        auth::SecurityLog& log;
        boost::asio::thread_pool& store_pool;
        /// Null: what ends sessions is answered as soon as it is stored and this process knows.
        auth::Confirmation* confirmation = nullptr;
        boost::asio::thread_pool* confirm_pool = nullptr; // set with it
    };

    /// What is asked of whoever put the gateway together. From any thread; those marked so block.
    struct Process {
        std::function<MetricsView()> view;
        std::function<std::shared_ptr<const Runtime>()> runtime;
        std::function<EndpointBook()> endpoints; // blocks
        std::function<void()> hand_out_keys;
        std::function<void()> quit; // begins the drain and comes back
        /// Passes every listening socket over this unix socket, and says how many; else why not.
        std::function<Result<std::size_t, std::string>(int)> hand_over; // blocks
        std::function<config::LogLevel()> log_level;
        std::function<void(config::LogLevel)> set_log_level;
        std::function<std::size_t(const CachePurge&)> purge; // blocks; says how many answers went
        /// Both or none: without a file there is nothing to read again.
        std::function<ReloadReport()> reload{}; // blocks
        std::function<ReloadReport()> last_reload{};
        std::vector<std::uint16_t> ports{};
        std::string sandbox = "off"; // Sandbox::words()
        auth::Millis started_at{};
    };

    AdminApi(Rooms rooms, Process process, const config::Settings& settings,
             auth::AdminCredential credential);

    /// Whether `path` is the API's, however it is to be answered.
    [[nodiscard]] static bool owns(std::string_view path) noexcept;

    Task<LocalResponse> answer(const LocalRequest& request) override;

    /// Every call as "POST /admin/v1/users/{user}/block", for whoever compares them with the
    /// document.
    [[nodiscard]] static std::vector<std::string> calls_by_name();

private:
    /// What a call was asked with, besides the request.
    struct Asked {
        const LocalRequest& request;
        std::string id; // what stands for the {name} in the path
        Form query;
        auth::json::Value body{};
    };

    struct Call;
    static const Call calls[];

    [[nodiscard]] Task<LocalResponse> dispatch(const LocalRequest& request);
    [[nodiscard]] Task<LocalResponse> ask(const Call& call, const LocalRequest& request,
                                          std::string id);

    /// Refused where too many calls wait for the store already, or one waited too long.
    template <class Job>
    [[nodiscard]] Task<std::invoke_result_t<Job&>> on_store(Job job);
    /// Waits until every live replica refuses what was ended, where that is wanted.
    Task<void> confirmed(bool changed);
    [[nodiscard]] auth::AdminService service_for(const LocalRequest& request) const;
    /// Leaves a record of what was done to the gateway itself.
    void note(const LocalRequest& request, std::string_view what) const;
    [[nodiscard]] LocalResponse log_level_answer() const;

    // One function per call.
    Task<LocalResponse> status(const Asked& asked);
    Task<LocalResponse> routes(const Asked& asked);
    Task<LocalResponse> upstreams(const Asked& asked);
    Task<LocalResponse> config(const Asked& asked);
    Task<LocalResponse> explain(const Asked& asked);
    Task<LocalResponse> reload(const Asked& asked);
    Task<LocalResponse> last_reload(const Asked& asked);
    Task<LocalResponse> hand_over(const Asked& asked);
    Task<LocalResponse> log_level(const Asked& asked);
    Task<LocalResponse> set_log_level(const Asked& asked);
    Task<LocalResponse> purge_cache(const Asked& asked);
    Task<LocalResponse> quit(const Asked& asked);
    Task<LocalResponse> list_keys(const Asked& asked);
    Task<LocalResponse> rotate_keys(const Asked& asked);
    Task<LocalResponse> audit(const Asked& asked);
    Task<LocalResponse> document(const Asked& asked);
    Task<LocalResponse> list_users(const Asked& asked);
    Task<LocalResponse> find_user(const Asked& asked);
    Task<LocalResponse> block_user(const Asked& asked);
    Task<LocalResponse> unblock_user(const Asked& asked);
    Task<LocalResponse> remove_second_factor(const Asked& asked);
    Task<LocalResponse> list_sessions(const Asked& asked);
    Task<LocalResponse> revoke_sessions(const Asked& asked);
    Task<LocalResponse> revoke_session(const Asked& asked);
    Task<LocalResponse> list_api_keys(const Asked& asked);
    Task<LocalResponse> list_api_keys_of(const Asked& asked);
    Task<LocalResponse> revoke_api_key(const Asked& asked);

    Rooms rooms_;
    const Process process_;
    const config::Settings& settings_;
    AdminGuard guard_;
    std::atomic<std::uint32_t> waiting_{0};
};

} // namespace gatehouse::gateway
