#include "gateway/issuers/key_fetch.hpp"

#include "auth/jose/jwks.hpp"
#include "gateway/net/errand.hpp"

namespace gatehouse::gateway {

KeyFetch::KeyFetch() : errand_(std::make_unique<Errand>()) {}

KeyFetch::~KeyFetch() = default;

FetchAnswer KeyFetch::get(const std::string& url, const Terms& terms,
                          const std::function<bool()>& give_up)
{
    FetchAnswer answer;
    errand_->prepare({url, "http,https", terms.ca, terms.timeout});
    errand_->keep_answer(answer.body, auth::jose::longest_jwks_bytes, Errand::Rest::ends_it);
    auto outcome = errand_->run(give_up);
    answer.why = std::move(outcome.why);
    if (outcome.code != CURLE_OK) return answer;
    answer.status = outcome.status;
    if (const auto* control = errand_->field("Cache-Control")) answer.max_age = max_age_in(control);
    return answer;
}

} // namespace gatehouse::gateway
