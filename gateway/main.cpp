#include "gateway/command/arguments.hpp"
#include "gateway/command/execute.hpp"

#include <fcntl.h>

#include <array>
#include <iostream>

namespace {

using namespace gatehouse::gateway;

/// Fills the places of standard streams that came closed, so that no database or socket gets their
/// number and with it what is printed. Each in the wrong direction: using it is an error, as it
/// was.
void keep_standard_numbers_taken()
{
    const std::array directions{O_WRONLY, O_RDONLY, O_RDONLY};
    for (int number = 0; number < 3; ++number) {
        if (::fcntl(number, F_GETFD) < 0) (void)::open("/dev/null", directions[number]);
    }
}

int answer(int count, char** words)
{
    auto parsed = parse_arguments(count, words);
    if (const auto* finished = std::get_if<Finished>(&parsed)) {
        std::cout << finished->out;
        std::cerr << finished->err;
        return finished->exit_code;
    }
    Console console{std::cin, std::cout, std::cerr};
    return execute(std::get<Arguments>(parsed), console);
}

} // namespace

int main(int count, char** words)
{
    keep_standard_numbers_taken();
    const int code = answer(count, words);
    if (std::cout.flush()) return code;
    // Whoever piped the code of an invite into a full disk must not believe that it is there.
    std::cerr << "standard output could not be written\n";
    return code == exit_ok ? exit_failed : code;
}
