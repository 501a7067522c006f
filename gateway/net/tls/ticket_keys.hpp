#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace gatehouse::gateway {

/// The keys that seal session tickets (RFC 8446, 4.6.1; RFC 5077, 4), for all listeners and
/// workers: random, in this process' memory alone, and new now and then, so that who steals one
/// opens few conversations. From any thread.
class TicketKeys {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit TicketKeys(std::chrono::seconds rotation);
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;
    ~TicketKeys();

    struct Key {
        std::array<unsigned char, 16> name{};
        std::array<unsigned char, 32> cipher{}; // AES-256
        std::array<unsigned char, 32> mac{};    // HMAC with SHA-256
        Time since{};
    };

    struct Found {
        Key key;
        bool current = true; // else the ticket is to be renewed
    };

    /// What seals a new ticket. Nothing: there are no random numbers.
    [[nodiscard]] std::optional<Key> to_seal(Time now);
    /// What opens a ticket that was sealed by the key of this name.
    [[nodiscard]] std::optional<Found> to_open(const unsigned char* name, Time now);

    void rotate_every(std::chrono::seconds rotation);

    [[nodiscard]] std::chrono::seconds rotation() const;

private:
    void rotate(Time now);

    mutable std::mutex mutex_;
    std::chrono::seconds rotation_;
    std::vector<Key> keys_; // the newest first
};

/// Has `context` seal its tickets with `keys`, which live as long as it does.
void use_ticket_keys(SSL_CTX& context, std::shared_ptr<TicketKeys> keys);

} // namespace gatehouse::gateway
