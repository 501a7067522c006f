"""Makes a process that runs make a system call, as somebody would who got hold of it."""

import ctypes
import os

ATTACH, DETACH, SINGLE_STEP, GET_REGISTERS, SET_REGISTERS, PEEK = 16, 17, 9, 12, 13, 1
WALL = 0x40000000
SYSCALL = b"\x0f\x05"
NONE = ctypes.c_ulonglong(-1).value


class Registers(ctypes.Structure):
    """struct user_regs_struct of x86-64."""

    _fields_ = [(name, ctypes.c_ulonglong) for name in (
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base "
        "ds es fs gs").split()]


class InjectedCalls:
    """Holds one thread, which waits in a system call, while the block runs; then it goes on."""

    def __init__(self, thread):
        self._thread = thread
        self._library = ctypes.CDLL(None, use_errno=True)
        self._library.ptrace.restype = ctypes.c_long
        self._library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._before = Registers()

    def __enter__(self):
        self._ptrace(ATTACH)
        os.waitpid(self._thread, WALL)
        self._ptrace(GET_REGISTERS, data=ctypes.addressof(self._before))
        word = self._ptrace(PEEK, address=self._before.rip - len(SYSCALL))
        assert ctypes.c_ulonglong(word).value.to_bytes(8, "little").startswith(SYSCALL), "it waits in no system call"
        return self

    def __exit__(self, *_):
        self._ptrace(SET_REGISTERS, data=ctypes.addressof(self._before))
        self._ptrace(DETACH)

    def call(self, number, *arguments):
        """What the kernel answers: the value, or the error as a negative number."""
        registers = Registers.from_buffer_copy(self._before)
        registers.rip -= len(SYSCALL)
        registers.orig_rax, registers.rax = NONE, number
        for name, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), (*arguments, 0, 0, 0, 0, 0, 0)):
            setattr(registers, name, ctypes.c_ulonglong(value).value)
        self._ptrace(SET_REGISTERS, data=ctypes.addressof(registers))
        self._ptrace(SINGLE_STEP)
        os.waitpid(self._thread, WALL)
        self._ptrace(GET_REGISTERS, data=ctypes.addressof(registers))
        return ctypes.c_longlong(registers.rax).value

    def _ptrace(self, request, address=0, data=0):
        ctypes.set_errno(0)
        answer = self._library.ptrace(request, self._thread, address, data)
        assert ctypes.get_errno() == 0, os.strerror(ctypes.get_errno())
        return answer
