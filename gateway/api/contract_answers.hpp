#pragma once

#include "config/settings/contract.hpp"
#include "gateway/api/api_answers.hpp"

namespace gatehouse::gateway {

/// An answer without tokens: 204, or what the contract draws.
[[nodiscard]] LocalResponse done_as(const config::CallContract& call);

/// Blames the fields under the names by which the client sent them.
void name_fields_as(const config::MemberContract& members, Refusal& refusal);

// The refusals of a call, with the status its contract wants for each.
[[nodiscard]] Refusal register_refusal(const auth::AuthError& error,
                                       const config::ContractSettings& contract);
[[nodiscard]] Refusal login_refusal(const auth::AuthError& error,
                                    const config::ContractSettings& contract);
[[nodiscard]] Refusal refresh_refusal(const auth::AuthError& error,
                                      const config::ContractSettings& contract);

/// The refusal, with the status if there is one.
[[nodiscard]] Refusal with_status(Refusal refusal, std::optional<std::uint32_t> status);

/// What a logout answers that found nothing to end: some servers call that done.
[[nodiscard]] LocalResponse nothing_ended(const config::LogoutContract& call, Refusal refusal,
                                          std::optional<std::uint32_t> status);

} // namespace gatehouse::gateway
