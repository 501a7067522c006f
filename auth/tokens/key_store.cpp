#include "auth/tokens/key_store.hpp"

#include "auth/tokens/key_file.hpp"

#include <utility>

namespace gatehouse::auth {

namespace {

/// Each of them means that another gateway has just changed the keys, which happens once a month.
constexpr int most_tries = 20;

[[nodiscard]] KeyError no_answer()
{
    KeyError error("the store that keeps the signing keys does not answer");
    error.try_again = true;
    return error;
}

[[nodiscard]] KeyError cannot_open(SealError error)
{
    switch (error) {
    case SealError::other_secret:
        return KeyError("the signing keys in the store are sealed under another secret than the "
                        "one of SEALING_SECRET or tokens.sealing_file\n  hint: give every gateway "
                        "the same one; while it changes, the other one stands in "
                        "SEALING_SECRET_PREVIOUS");
    case SealError::unknown_version:
        return KeyError("the signing keys in the store are in a form that this version does not "
                        "know");
    case SealError::damaged:
        break;
    }
    return KeyError("the signing keys in the store are damaged: they are not what was sealed "
                    "there\n  hint: restore them from a backup of the store");
}

} // namespace

KeyStore::KeyStore(KeptKeys& store, KeySeal seal, const Clock& clock, std::string former_file)
    : store_(store),
      seal_(std::move(seal)),
      clock_(clock),
      former_file_(std::move(former_file))
{
}

Result<std::optional<KeySet>, KeyError> KeyStore::read()
{
    auto kept = read_row();
    if (!kept) return kept.error();
    return std::move(kept->keys);
}

Result<KeySet, KeyError> KeyStore::update(const Change& change)
{
    for (int tries = 0; tries < most_tries; ++tries) {
        auto kept = read_row();
        if (kept && !kept->keys) kept = read_former_file();
        if (!kept) return kept.error();
        auto changed = change(kept->keys);
        if (!changed && !kept->keys) return KeyError("there are no signing keys in the store");
        if (!changed && !kept->is_outdated) return *kept->keys;
        if (!changed) changed = kept->keys;
        const auto sealed = seal_.seal(serialize(*changed), name);
        const auto replaced = store_.replace_keys(name, kept->version, sealed, clock_.now());
        if (!replaced) return no_answer();
        if (*replaced) return *std::move(changed);
    }
    return no_answer();
}

Result<KeyStore::Kept, KeyError> KeyStore::read_row()
{
    const auto row = store_.read_keys(name);
    if (!row) return no_answer();
    if (!*row) return Kept{};
    const auto& [version, bytes] = **row;
    if (last_.keys && bytes == last_bytes_) {
        last_.version = version;
        return last_;
    }
    const auto opened = seal_.open(bytes, name);
    if (!opened) return cannot_open(opened.error());
    auto keys = parse_key_set(opened->text.reveal());
    if (!keys) {
        return KeyError("the signing keys in the store are damaged: " + keys.error().message);
    }
    last_bytes_ = bytes;
    last_ = Kept{version, *std::move(keys), opened->is_outdated};
    return last_;
}

Result<KeyStore::Kept, KeyError> KeyStore::read_former_file() const
{
    if (former_file_.empty()) return Kept{};
    auto keys = KeyFile(former_file_).read();
    if (!keys) return keys.error();
    return Kept{0, *std::move(keys), true};
}

} // namespace gatehouse::auth
