#include "gateway/command/arguments.hpp"
#include "gateway/command/execute.hpp"

#include <iostream>

int main(int count, char** words)
{
    using namespace gatehouse::gateway;
    auto parsed = parse_arguments(count, words);
    if (const auto* finished = std::get_if<Finished>(&parsed)) {
        std::cout << finished->out;
        std::cerr << finished->err;
        return finished->exit_code;
    }
    Console console{std::cin, std::cout, std::cerr};
    return execute(std::get<Arguments>(parsed), console);
}
