#pragma once

#include "config/settings/log.hpp"
#include "gateway/observe/secret_mask.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What log lines may say of people and of what clients sent, as `log.redact` and `log.mask` say.
class Redactor {
public:
    explicit Redactor(const config::LogSettings& settings);

    // Each appends what may stand in a line instead of the value: nothing for `drop`.
    void append_client(std::string& out, std::string_view address) const;
    void append_user_id(std::string& out, std::string_view id) const;
    void append_host(std::string& out, std::string_view host) const;
    void append_path(std::string& out, std::string_view path) const;
    void append_query(std::string& out, std::string_view query) const;
    void append_referer(std::string& out, std::string_view url) const;
    void append_user_agent(std::string& out, std::string_view text) const;
    /// Of any other text: only credentials are hidden.
    void append_text(std::string& out, std::string_view text) const;

    /// No value is changed for its own sake: only what could hold a credential.
    [[nodiscard]] bool keeps_people() const noexcept { return keeps_people_; }

private:
    const config::RedactSettings settings_;
    const SecretMask mask_;
    const bool keeps_people_;
};

/// 16 hex digits under a key of this process: the same value looks the same in all its lines, and
/// nobody can try out all addresses against them.
void append_hash(std::string& out, std::string_view value);

/// The network of an address: `192.0.2.0`, `2001:db8:1::`. What is no address becomes `***`.
void append_network(std::string& out, std::string_view address);

/// No value in a line is longer: about so many bytes of it stand there, and `...`.
inline constexpr std::size_t longest_logged_value = 1024;

/// `text`, or its first bytes as far as whole characters fit.
[[nodiscard]] std::string_view cut(std::string_view text) noexcept;

} // namespace gatehouse::gateway
