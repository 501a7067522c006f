#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Why there is no answer, for the operator: a sentence and what to do.
struct AdminProblem {
    AdminProblem() = default;

    explicit AdminProblem(std::string sentence) : message(std::move(sentence)) {}

    std::string message;
};

struct AdminAnswer {
    unsigned status = 0;
    std::string body;
};

/// Asks the gateway that runs with these settings: one call, of at most 16 MiB. Over its unix
/// socket where it has one that can be reached, else at its admin address. Without `body` ("") none
/// is sent.
class AdminClient {
public:
    /// The settings outlive it.
    explicit AdminClient(const config::Settings& settings,
                         std::chrono::seconds patience = std::chrono::seconds(30))
        : settings_(settings),
          patience_(patience)
    {
    }

    /// With the credential that the settings name, which the socket does not ask for. An answer
    /// that is no success is a problem, in the words of the gateway.
    [[nodiscard]] Result<AdminAnswer, AdminProblem>
    call(std::string_view method, std::string_view path, std::string_view body = {}) const;

    /// Without a credential; whatever status comes.
    [[nodiscard]] Result<AdminAnswer, AdminProblem> look(std::string_view path) const;

private:
    struct Line;
    enum class Credential { shown, none };

    [[nodiscard]] Result<Line, AdminProblem> open(Credential credential) const;
    [[nodiscard]] Result<Line, AdminProblem> open_tcp(Credential credential) const;

    const config::Settings& settings_;
    const std::chrono::seconds patience_;
};

} // namespace gatehouse::gateway
