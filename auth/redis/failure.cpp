#include "auth/redis/failure.hpp"

namespace gatehouse::auth::redis {

namespace {

constexpr std::pair<std::string_view, Trouble> words[] = {
    {"WRONGPASS",   Trouble::wrong_password  },
    {"NOAUTH",      Trouble::needs_password  },
    {"NOPERM",      Trouble::forbidden       },
    {"LOADING",     Trouble::loading         },
    {"READONLY",    Trouble::read_only       },
    {"MASTERDOWN",  Trouble::read_only       },
    {"OOM",         Trouble::out_of_memory   },
    {"NOSCRIPT",    Trouble::no_script       },
    {"BUSY",        Trouble::busy            },
    {"MISCONF",     Trouble::cannot_persist  },
    {"NOREPLICAS",  Trouble::too_few_replicas},
    {"MOVED",       Trouble::elsewhere       },
    {"ASK",         Trouble::elsewhere       },
    {"CROSSSLOT",   Trouble::elsewhere       },
    {"CLUSTERDOWN", Trouble::elsewhere       },
    {"TRYAGAIN",    Trouble::elsewhere       },
};

} // namespace

std::string_view to_string(Trouble trouble) noexcept
{
    switch (trouble) {
    case Trouble::unreachable:
        return "unreachable";
    case Trouble::unfit:
        return "unfit";
    case Trouble::untrusted:
        return "untrusted";
    case Trouble::lost:
        return "lost";
    case Trouble::timed_out:
        return "timed_out";
    case Trouble::garbled:
        return "garbled";
    case Trouble::wrong_password:
        return "wrong_password";
    case Trouble::needs_password:
        return "needs_password";
    case Trouble::forbidden:
        return "forbidden";
    case Trouble::loading:
        return "loading";
    case Trouble::read_only:
        return "read_only";
    case Trouble::out_of_memory:
        return "out_of_memory";
    case Trouble::no_script:
        return "no_script";
    case Trouble::busy:
        return "busy";
    case Trouble::cannot_persist:
        return "cannot_persist";
    case Trouble::too_few_replicas:
        return "too_few_replicas";
    case Trouble::elsewhere:
        return "elsewhere";
    case Trouble::refused:
        return "refused";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, Trouble trouble)
{
    return out << to_string(trouble);
}

Trouble trouble_of(std::string_view error) noexcept
{
    const auto first = error.substr(0, error.find(' '));
    for (const auto& [word, trouble] : words) {
        if (first == word) return trouble;
    }
    return Trouble::refused;
}

} // namespace gatehouse::auth::redis
