#include "gateway/sandbox/call_filter.hpp"
#include "tests/gateway/sandbox/in_a_child.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

struct Call {
    const char* name;
    std::function<long()> make;
    int expected = 0; // the error; 0: it succeeds
};

/// Arguments that do no harm where the call is not refused.
std::function<long()> call(long number, std::initializer_list<long> arguments = {})
{
    std::array<long, 6> six{};
    std::copy(arguments.begin(), arguments.end(), six.begin());
    return
        [number, six] { return ::syscall(number, six[0], six[1], six[2], six[3], six[4], six[5]); };
}

void expect_under_the_filter(const std::vector<Call>& calls)
{
    std::vector<std::function<long()>> attempts;
    attempts.reserve(calls.size());
    for (const auto& each : calls) attempts.push_back(each.make);
    const auto errors =
        errors_in_a_child([] { return obey(system_calls_for(::getpid())).has_value(); }, attempts);
    ASSERT_EQ(errors.size(), calls.size()) << "the filter was not taken";
    for (std::size_t i = 0; i < calls.size(); ++i) {
        EXPECT_EQ(errors[i], calls[i].expected) << calls[i].name;
    }
}

TEST(CallFilter, RefusesWhatAGatewayHasNoUseFor)
{
    const long self = ::getpid(); // of the test, which is another process then
    expect_under_the_filter({
        // other programs, other processes
        {"execve", call(SYS_execve), EPERM},
        {"execveat", call(SYS_execveat, {-1}), EPERM},
        {"a new process by clone", call(SYS_clone, {SIGCHLD}), EPERM},
        {"a namespace by clone", call(SYS_clone, {CLONE_THREAD | CLONE_NEWNET}), EPERM},
        {"kill", call(SYS_kill, {self, 0}), EPERM},
        {"tgkill of another", call(SYS_tgkill, {self, self, 0}), EPERM},
        {"ptrace", call(SYS_ptrace), EPERM},
        {"process_vm_readv", call(SYS_process_vm_readv, {self}), EPERM},
        {"process_vm_writev", call(SYS_process_vm_writev, {self}), EPERM},
        {"pidfd_open", call(SYS_pidfd_open, {self}), EPERM},
        {"pidfd_getfd", call(SYS_pidfd_getfd, {-1}), EPERM},
        {"kcmp", call(SYS_kcmp, {self, self}), EPERM},
        {"limits of another", call(SYS_prlimit64, {self, RLIMIT_CORE}), EPERM},
        // other users
        {"setuid", call(SYS_setuid, {0}), EPERM},
        {"setgid", call(SYS_setgid, {0}), EPERM},
        {"setresuid", call(SYS_setresuid, {-1, -1, -1}), EPERM},
        {"setgroups", call(SYS_setgroups, {-1}), EPERM},
        {"capset", call(SYS_capset), EPERM},
        // the machine
        {"mount", call(SYS_mount), EPERM},
        {"umount2", call(SYS_umount2), EPERM},
        {"open_tree", call(SYS_open_tree, {-1}), EPERM},
        {"fsopen", call(SYS_fsopen), EPERM},
        {"pivot_root", call(SYS_pivot_root), EPERM},
        {"chroot", call(SYS_chroot), EPERM},
        {"unshare", call(SYS_unshare, {0}), EPERM},
        {"setns", call(SYS_setns, {-1}), EPERM},
        {"init_module", call(SYS_init_module), EPERM},
        {"finit_module", call(SYS_finit_module, {-1}), EPERM},
        {"delete_module", call(SYS_delete_module), EPERM},
        {"kexec_load", call(SYS_kexec_load, {0, 0, 0, -1}), EPERM},
        {"reboot", call(SYS_reboot), EPERM},
        {"settimeofday", call(SYS_settimeofday), EPERM},
        {"swapon", call(SYS_swapon), EPERM},
        {"syslog", call(SYS_syslog, {-1}), EPERM},
        {"mknodat", call(SYS_mknodat, {-1}), EPERM},
        {"symlinkat", call(SYS_symlinkat, {0, -1}), EPERM},
        {"fchownat", call(SYS_fchownat, {-1}), EPERM},
        {"open_by_handle_at", call(SYS_open_by_handle_at, {-1}), EPERM},
        // parts of the kernel that were broken into most often
        {"bpf", call(SYS_bpf, {-1}), EPERM},
        {"keyctl", call(SYS_keyctl, {-1}), EPERM},
        {"add_key", call(SYS_add_key), EPERM},
        {"perf_event_open", call(SYS_perf_event_open), EPERM},
        {"userfaultfd", call(SYS_userfaultfd, {-1}), EPERM},
        {"io_uring_setup", call(SYS_io_uring_setup), EPERM},
        {"io_uring_enter", call(SYS_io_uring_enter, {-1}), EPERM},
        {"splice", call(SYS_splice, {-1, 0, -1}), EPERM},
        {"memfd_create", call(SYS_memfd_create), EPERM},
        {"personality", call(SYS_personality, {0xffffffff}), EPERM},
        {"packets as they are", call(SYS_socket, {AF_PACKET, SOCK_RAW}), EPERM},
        {"the kernel's ciphers", call(SYS_socket, {AF_ALG, SOCK_SEQPACKET}), EPERM},
        {"the host of a machine", call(SYS_socket, {AF_VSOCK, SOCK_STREAM}), EPERM},
        // what would take some of it back
        {"core dumps again", call(SYS_prctl, {PR_SET_DUMPABLE, 1}), EPERM},
        {"another filter", call(SYS_seccomp, {-1}), EPERM},
        {"typing into a terminal", call(SYS_ioctl, {0, TIOCSTI}), EPERM},
        // glibc tries these and falls back
        {"clone3", call(SYS_clone3), ENOSYS},
        {"a call of later kernels", call(451), ENOSYS},
#ifdef __x86_64__
        {"x32, the other numbers", call(0x40000000 + SYS_getpid), ENOSYS},
        {"fork", call(SYS_fork), EPERM},
        {"vfork", call(SYS_vfork), EPERM},
        {"iopl", call(SYS_iopl), EPERM},
        {"modify_ldt", call(SYS_modify_ldt, {-1}), EPERM},
#endif
    });
}

/// Something of everything that a gateway does after its start.
TEST(CallFilter, AllowsWhatAGatewayDoes)
{
    static std::array<char, 256> room{};
    const auto buffer = reinterpret_cast<long>(room.data());
    expect_under_the_filter({
        {"TCP", call(SYS_socket, {AF_INET, SOCK_STREAM})},
        {"TCP, IPv6", call(SYS_socket, {AF_INET6, SOCK_STREAM})},
        {"a socket of this host", call(SYS_socket, {AF_UNIX, SOCK_DGRAM})},
        {"what the resolver asks", call(SYS_socket, {AF_NETLINK, SOCK_RAW})},
        {"epoll", call(SYS_epoll_create1, {0})},
        {"timers", call(SYS_timerfd_create, {CLOCK_MONOTONIC, 0})},
        {"inotify", call(SYS_inotify_init1, {0})},
        {"memory", call(SYS_mmap, {0, 4096, PROT_READ, 0x22, -1})},
        {"random numbers", call(SYS_getrandom, {buffer, 16})},
        {"limits of its own", call(SYS_prlimit64, {0, RLIMIT_NOFILE, 0, buffer})},
        {"its name", call(SYS_prctl, {PR_GET_NAME, buffer})},
        {"niceness", call(SYS_setpriority, {0, 0, 19})},
        {"scheduling", call(SYS_sched_getattr, {0, buffer, 48, 0})},
        {"signals to itself", [] { return ::syscall(SYS_tgkill, ::getpid(), ::getpid(), 0); }},
        {"files", [] { return long{::open("/proc/self/stat", O_RDONLY)}; }},
        {"a thread",
         [] {
             long answer = -1;
             std::thread([&answer] { answer = ::getpid(); }).join();
             return answer;
         }},
    });
}

TEST(CallFilter, HoldsInThreadsThatWereThereBefore)
{
    const auto errors = errors_in_a_child([] { return true; }, {[] {
                                              std::atomic<bool> filtered{false};
                                              int error = 0;
                                              std::thread before([&] {
                                                  filtered.wait(false);
                                                  errno = 0;
                                                  (void)::syscall(SYS_personality, 0xffffffff);
                                                  error = errno;
                                              });
                                              (void)obey(system_calls_for(::getpid()));
                                              filtered = true;
                                              filtered.notify_one();
                                              before.join();
                                              errno = error;
                                              return error == 0 ? 0L : -1L;
                                          }});
    EXPECT_EQ(errors, std::vector{EPERM});
}

TEST(CallFilter, NoProgramCanGiveRightsBack)
{
    const auto errors =
        errors_in_a_child([] { return obey(system_calls_for(::getpid())).has_value(); }, {[] {
                              std::array<char, 4096> text{};
                              const int file = ::open("/proc/self/status", O_RDONLY);
                              if (::read(file, text.data(), text.size() - 1) <= 0) return -1L;
                              const std::string_view status(text.data());
                              const bool kept = status.find("NoNewPrivs:\t1") != status.npos;
                              errno = ENOENT;
                              return kept ? 0L : -1L;
                          }});
    EXPECT_EQ(errors, std::vector{0});
}

} // namespace
} // namespace gatehouse::gateway::test
