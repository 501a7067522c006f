#include "config/basics/enforced.hpp"

#ifdef GATEHOUSE_MUTANTS
#include <cstdlib>
#include <mutex>
#include <utility>

namespace gatehouse {
namespace {

struct Asked {
    std::mutex mutex;
    std::set<std::string_view> names;
    bool wanted = false;
};

Asked& asked()
{
    static Asked all;
    return all;
}

} // namespace

bool enforced(std::string_view check) noexcept
{
    static const char* const switched_off = std::getenv("GATEHOUSE_MUTANT");
    if (asked().wanted) {
        const std::lock_guard guard(asked().mutex);
        asked().names.insert(check);
    }
    return switched_off == nullptr || check != switched_off;
}

void note_asked_checks() noexcept
{
    asked().wanted = true;
}

std::set<std::string_view> take_asked_checks()
{
    const std::lock_guard guard(asked().mutex);
    return std::exchange(asked().names, {});
}

} // namespace gatehouse
#endif
