#pragma once

#include <cstdio>
#include <cstdlib>

/// Aborts with the sentence that does not hold; a fuzzer keeps the input that led here.
inline void must(bool holds, const char* sentence)
{
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", sentence);
    std::abort();
}
