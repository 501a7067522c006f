// Leaks that are libpqxx's own and come with a lost connection.

extern "C" const char* __lsan_default_suppressions();

/// Read by LeakSanitizer. When a connection is lost inside a statement, libpqxx 6.4 asks it for its
/// encoding before it has taken hold of the result (connection_base::make_result), throws, and
/// forgets the result: some 2 KiB for each lost connection.
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:libpqxx\n";
}
