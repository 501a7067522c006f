#include "gateway/sandbox/call_filter.hpp"

#include "config/basics/enforced.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#else
#error "system calls have other numbers here: see gateway/sandbox/system_calls.cpp"
#endif

static_assert(std::endian::native == std::endian::little, "the lower half of an argument is first");

constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;

/// A program that goes top to bottom: a test that fails skips what belongs to it.
class Program {
public:
    void load(std::size_t offset)
    {
        code_.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)});
    }

    void mask(std::uint32_t bits) { code_.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, bits}); }

    void unless_equal_skip(std::uint32_t value, std::uint8_t instructions)
    {
        code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, instructions, value});
    }

    void if_equal_skip(std::uint32_t value, std::uint8_t instructions)
    {
        code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, instructions, 0, value});
    }

    void if_less_skip(std::uint32_t value, std::uint8_t instructions)
    {
        code_.push_back({BPF_JMP | BPF_JGE | BPF_K, 0, instructions, value});
    }

    void end_with(std::uint32_t verdict) { code_.push_back({BPF_RET | BPF_K, 0, 0, verdict}); }

    [[nodiscard]] std::vector<sock_filter> take() { return std::move(code_); }

private:
    std::vector<sock_filter> code_;
};

std::string cannot(std::string_view what, int error)
{
    return std::string(what) + ": " + std::generic_category().message(error);
}

} // namespace

std::vector<sock_filter> filter_of(const SystemCalls& calls)
{
    constexpr auto number = offsetof(seccomp_data, nr);
    Program program;
    // Calls of another architecture (32 bits) have other numbers.
    program.load(offsetof(seccomp_data, arch));
    program.if_equal_skip(own_architecture, 1);
    program.end_with(refused);
    program.load(number);
    for (const auto call : calls.allowed) {
        program.unless_equal_skip(call, 1);
        program.end_with(SECCOMP_RET_ALLOW);
    }
    for (const auto call : calls.absent) {
        program.unless_equal_skip(call, 1);
        program.end_with(unknown);
    }
    for (const auto& each : calls.by_argument) {
        const auto rule = enforced("sandbox.arguments") ? each : ArgumentRule{each.call, 0, 0, 0};
        constexpr std::size_t argument_bytes = sizeof(std::uint64_t);
        program.unless_equal_skip(rule.call, 5);
        program.load(offsetof(seccomp_data, args) + rule.argument * argument_bytes);
        program.mask(rule.mask);
        program.unless_equal_skip(rule.value, 1);
        program.end_with(SECCOMP_RET_ALLOW);
        program.load(number);
    }
    program.if_less_skip(calls.first_unknown, 1);
    program.end_with(unknown);
    program.end_with(refused);
    return program.take();
}

Result<void, std::string> obey(const SystemCalls& calls)
{
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return cannot("no_new_privs cannot be set", errno);
    }
    auto code = filter_of(calls);
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    // SPEC_ALLOW: a filter would otherwise slow each load after a store down on kernels before
    // 5.16, against code in this process that reads what it may not. There is no such code here.
    constexpr unsigned long flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (!enforced("sandbox.system_calls")) return {};
    const auto done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (done < 0) return cannot("system calls cannot be filtered", errno);
    if (done > 0) return std::string("system calls of other threads cannot be filtered");
    return {};
}

} // namespace gatehouse::gateway
