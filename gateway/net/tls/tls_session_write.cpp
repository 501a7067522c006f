#include "gateway/net/tls/openssl_errors.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "gateway/net/watch.hpp"
#include "gateway/net/wire.hpp"

#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t record_bytes = 16 * 1024; // RFC 8446, 5.1

} // namespace

int TlsSession::give_to_wire(std::string_view records, std::size_t& count) noexcept
{
    if (holding_) {
        try {
            held_.append(records);
        } catch (const std::bad_alloc&) {
            return 0;
        }
        count = records.size();
        return 1;
    }
    if (!flush_held()) return is_dead() ? 0 : -1;
    const iovec piece{const_cast<char*>(records.data()), records.size()}; // only read
    const auto sent = send(watch_, {&piece, 1}, 0);
    count = sent.bytes;
    if (sent.state == Transfer::State::moved) return 1;
    return sent.state == Transfer::State::would_block ? -1 : 0;
}

/// False: some of it has to wait, or the connection is dead.
bool TlsSession::flush_held() noexcept
{
    std::size_t sent = 0;
    while (sent < held_.size()) {
        const iovec piece{held_.data() + sent, held_.size() - sent};
        const auto step = send(watch_, {&piece, 1}, 0);
        if (step.state == Transfer::State::failed) life_ = Life::failed;
        if (step.state != Transfer::State::moved) break;
        sent += step.bytes;
    }
    if (sent < held_.size()) {
        held_.erase(0, sent);
        return false;
    }
    if (sent == 0) return true;
    std::string().swap(held_); // and its memory, which an assignment would keep
    if (ends_) ::shutdown(watch_.native(), SHUT_WR);
    return true;
}

/// The bytes that go into the next record: those of the first piece where they stand when they fill
/// it or are the last, else a copy of as many as it takes.
class TlsSession::Run {
public:
    explicit Run(std::span<const iovec> pieces) noexcept : pieces_(pieces) {}

    [[nodiscard]] std::span<const char> gather(std::size_t from) noexcept
    {
        std::size_t first = 0;
        while (first < pieces_.size() && from >= pieces_[first].iov_len) {
            from -= pieces_[first++].iov_len;
        }
        auto next = rest_of(first, from);
        if (next.size() >= record_bytes) return next.first(record_bytes);
        if (first + 1 >= pieces_.size()) return next;
        std::size_t bytes = 0;
        while (bytes < copy_.size() && first < pieces_.size()) {
            next = rest_of(first++, std::exchange(from, 0));
            next = next.first(std::min(next.size(), copy_.size() - bytes));
            std::memcpy(copy_.data() + bytes, next.data(), next.size());
            bytes += next.size();
        }
        return std::span(copy_).first(bytes);
    }

private:
    [[nodiscard]] std::span<const char> rest_of(std::size_t piece, std::size_t from) const noexcept
    {
        if (piece >= pieces_.size()) return {};
        const auto& whole = pieces_[piece];
        return std::span(static_cast<const char*>(whole.iov_base), whole.iov_len).subspan(from);
    }

    std::span<const iovec> pieces_;
    std::array<char, record_bytes> copy_; // not cleared: only what is written is sent
};

/// One record, on its way to the peer or with what is held. How many bytes of `run` went into it;
/// none: it has to wait.
std::size_t TlsSession::encrypt(std::span<const char> run) noexcept
{
    forget_older_errors();
    writing_needs_bytes_ = false;
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), run.data(), run.size(), &written);
    owed_bytes_ = result == 1 ? std::uint16_t{0} : static_cast<std::uint16_t>(run.size());
    if (result == 1) return written;
    judge_writing(result);
    return 0;
}

bool TlsSession::encrypt_last(std::span<const char> run) noexcept
{
    const auto bytes = run.size();
    holding_ = true;
    while (!run.empty()) {
        const auto taken = encrypt(run);
        if (taken == 0) break;
        run = run.subspan(taken);
    }
    holding_ = false;
    if (!run.empty()) return false;
    hold_goodbye();
    held_bytes_ = bytes;
    return true;
}

Transfer TlsSession::put(std::span<const iovec> pieces, bool last) noexcept
{
    if (is_dead() || life_ == Life::shaking) return {Transfer::State::failed, 0};
    if (watch_.writing.blocked) return {};
    const auto all = total_bytes(pieces);
    std::size_t moved = 0;
    if (flush_held()) moved = std::exchange(held_bytes_, 0);
    Run run(pieces);
    while (moved < all && held_.empty() && !is_dead()) {
        const auto next = run.gather(moved);
        const bool ending = last && moved + next.size() == all;
        const auto taken = ending ? std::size_t{0} : encrypt(next);
        if (ending && encrypt_last(next) && flush_held()) {
            moved += std::exchange(held_bytes_, 0);
        } else if (taken == 0) {
            break;
        }
        moved += taken;
    }
    if (moved != 0) return {Transfer::State::moved, moved};
    return is_dead() ? Transfer{Transfer::State::failed, 0} : Transfer{};
}

Transfer TlsSession::write(std::span<const iovec> pieces) noexcept
{
    return put(pieces, false);
}

Transfer TlsSession::write_last(std::span<const iovec> pieces) noexcept
{
    return put(pieces, true);
}

} // namespace gatehouse::gateway
