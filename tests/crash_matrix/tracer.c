/* Runs a program and tells its fsyncs, or kills it at the nth.
 *
 * usage: tracer N REPORT PROGRAM [ARGUMENT...]     (N = 0: nobody is killed)
 *
 * The program is traced and stopped by the kernel (a seccomp filter) when it is about to make an fsync or an
 * fdatasync, and nowhere else. Each is written to REPORT as a line: the file's length in bytes, a space, its path.
 * The nth is not made: the whole process is killed instead. Exits as the program did, or with 137 when it was killed.
 * Linux only (ptrace(2), seccomp(2)).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* struct ptrace_syscall_info of linux/ptrace.h, which cannot be included beside sys/ptrace.h. */
struct stop {
    uint8_t op, padding[3];
    uint32_t arch;
    uint64_t instruction, stack, number, arguments[6];
};

static void become(char **command)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsync, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("tracer: cannot be traced");
        _exit(125);
    }
    execv(command[0], command);
    perror(command[0]);
    _exit(126);
}

static void tell(FILE *report, pid_t program, pid_t thread)
{
    struct stop stop = {0};
    char link[64], path[4096] = "?";
    struct stat data = {0};
    ptrace(0x420e /* PTRACE_GET_SYSCALL_INFO */, thread, sizeof stop, &stop);
    snprintf(link, sizeof link, "/proc/%d/fd/%d", program, (int)stop.arguments[0]);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    if (stat(path, &data))
        data.st_size = 0;
    fprintf(report, "%lld %s\n", (long long)data.st_size, path);
    fflush(report);
}

int main(int count, char **arguments)
{
    if (count < 4)
        return fputs("usage: tracer N REPORT PROGRAM [ARGUMENT...]\n", stderr), 64;
    long at = atol(arguments[1]), synced = 0;
    FILE *report = fopen(arguments[2], "w");
    if (!report)
        return perror(arguments[2]), 125;
    pid_t program = fork();
    if (program == 0)
        become(arguments + 3);
    int status;
    waitpid(program, &status, 0);
    if (ptrace(PTRACE_SETOPTIONS, program, 0,
               PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC))
        return perror("tracer: cannot trace"), 125;
    ptrace(PTRACE_CONT, program, 0, 0);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            return errno == EINTR ? 125 : (perror("tracer: waitpid"), 125);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread == program)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP) {
            tell(report, program, thread);
            if (++synced == at) {
                kill(program, SIGKILL);
                continue;
            }
        }
        /* A new thread begins with a stop of its own. */
        if (event || signal == SIGTRAP || signal == SIGSTOP)
            signal = 0;
        ptrace(PTRACE_CONT, thread, 0, signal);
    }
}
