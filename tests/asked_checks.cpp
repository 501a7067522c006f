// Writes which checks each test asked for: one line a test, its name and then theirs, into the file
// that GATEHOUSE_ASKED names. With it tests/mutants knows who can miss a check at all.
#include "config/basics/enforced.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace {

class AskedChecks final : public testing::EmptyTestEventListener {
public:
    explicit AskedChecks(const char* path) : file_(path) {}

    void OnTestEnd(const testing::TestInfo& test) override
    {
        file_ << test.test_suite_name() << '.' << test.name();
        for (const auto check : gatehouse::take_asked_checks()) file_ << ' ' << check;
        file_ << '\n' << std::flush;
    }

private:
    std::ofstream file_;
};

[[maybe_unused]] const bool listening = [] {
    const char* path = std::getenv("GATEHOUSE_ASKED");
    if (path == nullptr) return false;
    gatehouse::note_asked_checks();
    testing::UnitTest::GetInstance()->listeners().Append(new AskedChecks(path)); // which owns it
    return true;
}();

} // namespace
