#include "gateway/headers/request_ids.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/hex.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <bit>
#include <random>

namespace gatehouse::gateway {
namespace {

bool is_id_character(char c) noexcept
{
    return is_alphanumeric(c) || std::string_view{"._:+/=-"}.find(c) != std::string_view::npos;
}

} // namespace

IdSource::IdSource()
{
    std::random_device device; // the operating system's generator
    for (auto& word : state_) word = (std::uint64_t{device()} << 32U) | device();
    if (std::ranges::all_of(state_, [](std::uint64_t word) { return word == 0; })) state_[0] = 1;
}

/// xoshiro256**: 2^256 - 1 steps before it repeats, a few instructions each.
std::uint64_t IdSource::next() noexcept
{
    const auto result = std::rotl(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result == 0 ? 1 : result;
}

void RequestId::renew(IdSource& ids) noexcept
{
    put_hex(ids.next(), text_.data());
    put_hex(ids.next(), text_.data() + hex_digits);
    size_ = 2 * hex_digits;
}

void RequestId::choose(const RequestHead& head, bool peer_trusted, IdSource& ids) noexcept
{
    if (enforced("request_id.trusted_peer_only") && !peer_trusted) return renew(ids);
    const auto sent = only_value(head.fields, "x-request-id");
    const bool well_formed =
        !sent.empty() && sent.size() <= text_.size() &&
        (!enforced("request_id.shape") || std::ranges::all_of(sent, is_id_character));
    if (!well_formed) return renew(ids);
    std::ranges::copy(sent, text_.begin());
    size_ = sent.size();
}

} // namespace gatehouse::gateway
