#include "auth/tokens/key_keeper.hpp"

#include "auth/tokens/key_file.hpp"
#include "auth/tokens/key_memory.hpp"
#include "auth/tokens/key_secrets.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

namespace {

// Keys of a file are read by those who are told at once; only what is merely looked at takes time
// to come around.
[[nodiscard]] KeyTerms terms_of(const config::TokenSettings& settings, KeyPlace::Habits habits)
{
    // A retired key outlives the last token signed at the moment of rotation, by a replica whose
    // clock is ahead as far as we allow.
    return {settings.algorithm, settings.access_ttl + settings.retired_margin,
            settings.refresh_ttl + settings.retired_margin, settings.rotate_every,
            habits.watched ? settings.publish_ahead : std::chrono::seconds{}};
}

[[nodiscard]] std::unique_ptr<KeyPlace> place_at(const config::TokenSettings& settings,
                                                 std::string path)
{
    if (settings.algorithm == config::Algorithm::hs256) {
        return std::make_unique<KeySecrets>(settings);
    }
    if (path.empty()) return std::make_unique<KeyMemory>();
    return std::make_unique<KeyFile>(std::move(path));
}

} // namespace

KeyKeeper::KeyKeeper(const config::TokenSettings& settings, std::unique_ptr<KeyPlace> place,
                     const Clock& clock)
    : place_(std::move(place)),
      clock_(clock),
      terms_(terms_of(settings, place_->habits()))
{
}

Result<std::unique_ptr<KeyKeeper>, KeyError> KeyKeeper::open(const config::TokenSettings& settings,
                                                             std::unique_ptr<KeyPlace> place,
                                                             const Clock& clock)
{
    std::unique_ptr<KeyKeeper> keeper(new KeyKeeper(settings, std::move(place), clock));
    const std::lock_guard one_at_a_time(keeper->changing_);
    if (const auto started = keeper->start(); !started) return started.error();
    return keeper;
}

Result<std::unique_ptr<KeyKeeper>, KeyError> KeyKeeper::open(const config::TokenSettings& settings,
                                                             std::string path, const Clock& clock)
{
    return open(settings, place_at(settings, std::move(path)), clock);
}

Result<void, KeyError> KeyKeeper::start()
{
    const auto now = clock_.seconds();
    const auto begin = [&](const std::optional<KeySet>& kept) -> std::optional<KeySet> {
        made_the_first_ = !kept;
        if (!kept) return first_keys(terms_, now);
        auto keys = *kept;
        const bool followed = follow_settings(keys, terms_, now);
        const bool stepped = take_key_step(keys, terms_, now);
        return followed || stepped ? std::optional(std::move(keys)) : std::nullopt;
    };
    auto keys = place_->habits().ours ? place_->update(begin) : read_kept();
    if (!keys) return keys.error();
    (void)adopt(*std::move(keys));
    return {};
}

void KeyKeeper::use(const config::TokenSettings& settings)
{
    const std::lock_guard one_at_a_time(changing_);
    const auto wanted = terms_of(settings, place_->habits());
    terms_.retired_access = std::max(terms_.retired_access, wanted.retired_access);
    terms_.retired_refresh = std::max(terms_.retired_refresh, wanted.retired_refresh);
    terms_.rotate_every = wanted.rotate_every;
    terms_.publish_ahead = wanted.publish_ahead;
    foretell_rotation();
}

Result<KeySet, KeyError> KeyKeeper::read_kept()
{
    auto kept = place_->read();
    if (!kept) return kept.error();
    if (!*kept) return KeyError("the signing keys are gone from where they were kept");
    return **std::move(kept);
}

Result<KeyKeeper::Rotation, KeyError> KeyKeeper::rotate()
{
    const std::lock_guard one_at_a_time(changing_);
    const auto now = clock_.seconds();
    std::optional<Seconds> due;
    auto keys = place_->update([&](const std::optional<KeySet>& kept) -> std::optional<KeySet> {
        if (!kept) return std::nullopt;
        auto wanted = *kept;
        wanted.rotation_wanted = true;
        due = rotation_due(wanted, terms_);
        (void)take_key_step(wanted, terms_, now);
        return wanted;
    });
    if (!keys) return keys.error();
    (void)adopt(*std::move(keys));
    return Rotation{due && *due > now ? due : std::nullopt};
}

Result<KeyKeeper::Rotation, KeyError> KeyKeeper::take_over(const config::TokenSettings& settings,
                                                           KeyPlace& place, const KeySet& foreign,
                                                           ImportAs as, const Clock& clock)
{
    const auto terms = terms_of(settings, place.habits());
    const auto now = clock.seconds();
    std::optional<KeyError> problem;
    std::optional<Seconds> due;
    const auto keys = place.update([&](const std::optional<KeySet>& kept) -> std::optional<KeySet> {
        auto changed = with_foreign_keys(kept, foreign, as, terms, now);
        problem = changed ? std::nullopt : std::optional(changed.error());
        if (!changed) return std::nullopt;
        due = changed->rotation_wanted ? rotation_due(*changed, terms) : std::nullopt;
        return *std::move(changed);
    });
    if (problem) return *std::move(problem);
    if (!keys) return keys.error();
    return Rotation{due};
}

std::optional<Seconds> KeyKeeper::rotation_pending()
{
    const std::lock_guard one_at_a_time(changing_);
    return kept_.rotation_wanted ? rotation_due(kept_, terms_) : std::nullopt;
}

Result<bool, KeyError> KeyKeeper::reload()
{
    const std::lock_guard one_at_a_time(changing_);
    auto keys = read_kept();
    if (!keys) return keys.error();
    return adopt(*std::move(keys));
}

Result<KeyKeeper::News, KeyError> KeyKeeper::tend()
{
    const std::lock_guard one_at_a_time(changing_);
    bool heard = false;
    if (place_->habits().watched) {
        auto keys = read_kept();
        if (!keys) return keys.error();
        heard = adopt(*std::move(keys));
    }
    const auto now = clock_.seconds();
    const bool is_due =
        place_->habits().ours && decide_key_step(kept_, terms_, now) != KeyStep::none;
    bool made = false;
    if (is_due) {
        auto keys = place_->update([&](const std::optional<KeySet>& kept) -> std::optional<KeySet> {
            auto stepped = kept;
            made = stepped && take_key_step(*stepped, terms_, now);
            return made ? stepped : std::nullopt;
        });
        if (!keys) return keys.error();
        heard = adopt(*std::move(keys)) || heard;
    }
    if (made) return News::made;
    return heard ? News::heard : News::none;
}

std::shared_ptr<const KeyRing> KeyKeeper::ring() const
{
    const std::lock_guard guard(mutex_);
    return ring_;
}

std::optional<Seconds> KeyKeeper::next_rotation() const
{
    const std::lock_guard guard(mutex_);
    return next_rotation_;
}

/// By the keys and the terms of this moment.
void KeyKeeper::foretell_rotation()
{
    const auto due = place_->habits().ours ? rotation_due(kept_, terms_) : std::nullopt;
    const std::lock_guard guard(mutex_);
    next_rotation_ = due;
}

/// true: it makes another ring.
bool KeyKeeper::adopt(KeySet keys)
{
    const auto before = ring();
    const bool same = before && same_ring(kept_, keys);
    kept_ = std::move(keys);
    foretell_rotation();
    if (same) return false; // the same keys, the same ring: caches stay warm
    const auto generation = before ? before->generation() + 1 : 1;
    auto next = std::make_shared<const KeyRing>(kept_.access, kept_.refresh, generation);
    const std::lock_guard guard(mutex_);
    ring_ = std::move(next);
    return true;
}

} // namespace gatehouse::auth
