#pragma once

#include "auth/accounts/user.hpp"
#include "auth/mail/mail.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/settings.hpp"
#include "gateway/mail/message.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Where the link of a mail leads, with `token` in it.
[[nodiscard]] Secret link_of(const config::Settings& settings, auth::LinkPurpose purpose,
                             std::string_view token);

/// The mail of this kind as the settings have it, or of few words where they say nothing. `link`
/// is empty where the kind has none.
[[nodiscard]] Message message_of(const config::Settings& settings, const auth::QueuedMail& mail,
                                 const auth::User& user, const Secret& link, auth::Seconds now);

} // namespace gatehouse::gateway
