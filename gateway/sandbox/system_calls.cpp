#include "gateway/sandbox/system_calls.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::uint32_t allowed_calls[] = {
    // What a request is made of. No rule looks at arguments here: the kernel then knows the answer
    // beforehand and does not run the filter (since 5.11); before that, first come, first found.
    SYS_epoll_pwait,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_recvfrom,
    SYS_sendto,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_futex,
    SYS_clock_gettime,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_timerfd_settime,
    SYS_epoll_ctl,
    SYS_accept4,
    SYS_close,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_connect,
    SYS_getsockname,
    SYS_getpeername,

    // Listeners of a reload, what waits.
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_epoll_create1,
    SYS_epoll_pwait2,
    SYS_ppoll,
    SYS_pselect6,
    SYS_eventfd2,
    SYS_timerfd_create,
    SYS_timerfd_gettime,
    SYS_signalfd4,
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_inotify_rm_watch,
    SYS_pipe2,
    SYS_dup,
    SYS_dup3,
    SYS_fcntl,

    // Files: SQLite, keys, logs, settings. Where they may be written is for Landlock to say.
    SYS_openat,
    SYS_lseek,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_newfstatat,
    SYS_fstat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_fadvise64,
    SYS_readahead,
    SYS_flock,
    SYS_unlinkat,
    SYS_renameat2,
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_linkat,
    SYS_mkdirat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown, // a file that root writes anew keeps its owner
    SYS_umask,

    // Memory and threads.
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_msync,
    SYS_brk,
    SYS_mlock,
    SYS_mlock2,
    SYS_munlock,
    SYS_membarrier,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_exit,
    SYS_exit_group,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getattr,
    SYS_sched_setattr,
    SYS_sched_getparam,
    SYS_sched_setparam,
    SYS_sched_getscheduler,
    SYS_sched_setscheduler,
    SYS_sched_get_priority_max,
    SYS_sched_get_priority_min,
    SYS_getpriority,
    SYS_setpriority,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigpending,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    SYS_restart_syscall,

    // What the process asks of itself and of the machine.
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_getpid,
    SYS_getppid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_getrusage,
    SYS_times,
    SYS_getcpu,
    SYS_uname,
    SYS_sysinfo,

#ifdef __x86_64__ // older names of calls above, which glibc and SQLite still use
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_getdents,
    SYS_unlink,
    SYS_rename,
    SYS_link,
    SYS_mkdir,
    SYS_rmdir,
    SYS_chmod,
    SYS_poll,
    SYS_select,
    SYS_pipe,
    SYS_dup2,
    SYS_epoll_create,
    SYS_eventfd,
    SYS_inotify_init,
    SYS_time,
#endif
};

// Its arguments lie in memory, where a filter cannot read them.
constexpr std::uint32_t absent_calls[] = {SYS_clone3};

/// The last of Linux 6.1, by whose headers this list was made, is 450; numbers from 424 on are the
/// same on all machines. glibc tries new calls and falls back where they do not exist.
constexpr std::uint32_t first_unknown_call = 451;

constexpr std::uint32_t whole = 0xffffffff;

/// A thread and nothing else: no process, no namespace.
constexpr std::uint32_t thread_or_more = CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP |
                                         CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                         CLONE_NEWPID | CLONE_NEWNET;

/// What may be asked of a descriptor: a terminal could also be typed into (TIOCSTI).
constexpr std::uint32_t harmless_requests[] = {FIONBIO, FIONREAD,   TCGETS,
                                               FIOCLEX, TIOCGWINSZ, SIOCGIFINDEX};

constexpr std::uint32_t families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK}; // NETLINK: resolver

} // namespace

SystemCalls system_calls_for(pid_t process)
{
    const auto self = static_cast<std::uint32_t>(process);
    SystemCalls calls;
    calls.allowed = allowed_calls;
    calls.absent = absent_calls;
    calls.first_unknown = first_unknown_call;
    calls.by_argument = {
        {SYS_clone,     0, thread_or_more, CLONE_THREAD}, // flags
        {SYS_tgkill,    0, whole,          self        }, // abort()
        {SYS_prctl,     0, whole,          PR_SET_NAME },
        {SYS_prctl,     0, whole,          PR_GET_NAME },
        {SYS_prlimit64, 0, whole,          0           }, // its own, as getrlimit() asks
    };
    for (const auto family : families) {
        calls.by_argument.push_back({SYS_socket, 0, whole, family});
        calls.by_argument.push_back({SYS_socketpair, 0, whole, family});
    }
    for (const auto request : harmless_requests) {
        calls.by_argument.push_back({SYS_ioctl, 1, whole, request});
    }
    return calls;
}

} // namespace gatehouse::gateway
