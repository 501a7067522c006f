#pragma once

#include "gateway/net/task.hpp"
#include "gateway/pipeline/lasting.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <cstdint>
#include <optional>

namespace gatehouse::gateway {

/// How asking an upstream came out.
enum class Asked : std::uint8_t {
    answered,         // the response head is in exchange.response
    unanswered,       // it closed or broke without a byte of an answer
    broke_off,        // it closed inside a response head
    garbage,          // not HTTP, or not the kind we asked for
    too_late,         // no answer in time, or it takes no more of the request
    head_too_large,   // ours, with all that we add
    upload_silent,    // the client stopped sending its body
    upload_malformed, // chunked framing that is none
    upload_too_large,
    client_left,
    session_ended // while the answer was waited for
};

/// How relaying the answer came out.
struct Delivered {
    bool garbage = false;          // framed wrongly, and nothing of it was sent yet
    bool upstream_is_free = false; // its connection may serve another request
    After after = After::cut;
};

/// One request and its answer on one upstream connection. Both directions may move at once: an
/// upstream may answer before it has read the body, and a client may go away at any time.
class Conversation {
public:
    Conversation(Exchange& exchange, Rooms& rooms, Socket& upstream);

    /// Instead of `deadlines.response_head`; before ask().
    void answer_within(std::chrono::milliseconds time) noexcept { response_head_patience_ = time; }

    /// An interim answer has come, and perhaps gone on to the client.
    [[nodiscard]] bool has_interim() const noexcept { return interim_answers_ != 0; }

    /// Sends the request (as much of its body as it takes) until the response head has arrived.
    /// Interim responses are passed on.
    [[nodiscard]] Task<Asked> ask(std::string_view authority);
    /// The same in steps, for who has a coroutine already. Nothing: sleep, and go on.
    [[nodiscard]] std::optional<Asked> begin_asking(std::string_view authority);
    [[nodiscard]] std::optional<Asked> go_on_asking();

    /// Sends the answer on, as far as that goes at once; nothing while there is more to do.
    [[nodiscard]] std::optional<Delivered> begin_delivery();
    /// What came of it meanwhile: it may have been sent at the end of the turn.
    [[nodiscard]] std::optional<Delivered> delivered() const;
    /// The rest of it, and what is left of the request's body.
    [[nodiscard]] Task<Delivered> finish_delivery();

    /// What the upstream has said behind the head of its answer, which is gone with that.
    [[nodiscard]] Buffer take_behind_head() noexcept;

private:
    enum class Heard : std::uint8_t { nothing, interim, final, closed, broke_off, garbage };

    [[nodiscard]] bool begin_upload(std::string_view authority);
    void continue_upload();
    [[nodiscard]] bool upload_is_over() const noexcept;
    [[nodiscard]] std::optional<Asked> upload_failure() const noexcept;
    [[nodiscard]] Heard judge_received();
    [[nodiscard]] Heard hear();
    [[nodiscard]] Heard read_more();
    [[nodiscard]] std::optional<Asked> listen();
    [[nodiscard]] std::optional<Asked> listen_or_wait();
    [[nodiscard]] std::optional<Asked> pass_on_interim();
    [[nodiscard]] std::optional<Asked> out_of_time();
    [[nodiscard]] bool client_has_left();
    [[nodiscard]] Ended look_around();
    [[nodiscard]] bool has_to_end();
    [[nodiscard]] bool begin_answer();
    [[nodiscard]] std::chrono::milliseconds gap_in_answer() const;
    [[nodiscard]] bool answer_failed() const noexcept;
    [[nodiscard]] Delivered finished() const;
    void prepare_wait();
    void prepare_wait_for_head();

    Exchange& exchange_;
    Rooms& rooms_;
    Socket& client_;
    Socket& upstream_;
    const config::DeadlineSettings& deadlines_;
    std::size_t response_head_bytes_ = 0;
    int interim_answers_ = 0;
    bool keep_alive_ = false;      // what the answer's head says
    bool spoke_too_early_ = false; // the client: behind its handshake, before this answer
    std::chrono::milliseconds response_head_patience_;
    std::chrono::milliseconds response_gap_;
};

} // namespace gatehouse::gateway
