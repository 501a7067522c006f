#include "gateway/command/arguments.hpp"
#include "gateway/command/execute.hpp"

#include <boost/system/system_error.hpp>

#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>

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

void end_for_want_of_more(const std::exception& problem) noexcept
{
    std::cerr << "gatehouse cannot go on: " << problem.what()
              << "; look at the limits of threads and memory (TasksMax, pids.max, ulimit)\n";
    std::_Exit(exit_failed);
}

/// Where a machine has no more threads or memory and nobody could help that: half of a gateway is
/// there, so nothing is put away. What was acknowledged is on the disk.
[[noreturn]] void say_what_is_lacking() noexcept
{
    try {
        if (const auto problem = std::current_exception()) std::rethrow_exception(problem);
    } catch (const std::bad_alloc& problem) {
        end_for_want_of_more(problem);
    } catch (const std::system_error& problem) {
        if (problem.code() == std::errc::resource_unavailable_try_again)
            end_for_want_of_more(problem);
    } catch (const boost::system::system_error& problem) {
        if (problem.code() == boost::system::errc::resource_unavailable_try_again)
            end_for_want_of_more(problem);
    } catch (...) {
        std::abort();
    }
    std::abort();
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
    std::set_terminate(say_what_is_lacking);
    const int code = answer(count, words);
    if (std::cout.flush()) return code;
    // Whoever piped the code of an invite into a full disk must not believe that it is there.
    std::cerr << "standard output could not be written\n";
    return code == exit_ok ? exit_failed : code;
}
