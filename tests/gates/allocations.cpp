// Counts every allocation of the process it is preloaded into. Coroutine frames, standard
// containers and C libraries all end in these functions, which a replaced `operator new` would not
// see. The count is the first eight bytes of the file named by GATES_ALLOCATIONS, so that a test
// can read it at any moment without the process noticing.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

using Count = std::atomic<std::uint64_t>;

Count before_main; // what happens before the file is open is of no interest
Count* count = &before_main;

[[gnu::constructor]] void open_count()
{
    const char* path = std::getenv("GATES_ALLOCATIONS");
    const int fd = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void* shared = ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (shared != MAP_FAILED) count = static_cast<Count*>(shared);
}

void counted()
{
    count->fetch_add(1, std::memory_order_relaxed);
}

} // namespace

extern "C" {

void* malloc(std::size_t size)
{
    counted();
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size)
{
    counted();
    return __libc_calloc(number, size);
}

void* realloc(void* old, std::size_t size)
{
    counted();
    return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size)
{
    counted();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size)
{
    *result = memalign(alignment, size);
    return *result == nullptr ? ENOMEM : 0;
}
}
