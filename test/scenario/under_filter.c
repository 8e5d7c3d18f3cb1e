/* under_filter LIST PROGRAM [ARGUMENT…]: runs the program with only the system calls that the file
 * names, one a line; all others fail with EPERM, as systemd does it for SystemCallFilter with
 * SystemCallErrorNumber=EPERM. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What systemd always allows in a list of what is allowed (systemd.exec(5), SystemCallFilter). */
static const char *const always[] = {
    "execve",    "exit",          "exit_group",   "getrlimit",       "rt_sigreturn",
    "sigreturn", "clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday",
    "nanosleep", "pause",         "time",         "restart_syscall"};

static int allow(scmp_filter_ctx filter, const char *name)
{
    int call = seccomp_syscall_resolve_name(name);
    /* A name that this machine or library does not know needs no permission. */
    return call < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

int main(int argc, char **argv)
{
    char line[128];
    FILE *list = argc > 2 ? fopen(argv[1], "r") : NULL;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (list == NULL || filter == NULL) {
        fprintf(stderr, "usage: under_filter LIST PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int bad = 0;
    while (fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        bad |= allow(filter, line);
    }
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) bad |= allow(filter, always[i]);
    fclose(list);
    if (bad != 0 || seccomp_load(filter) != 0) {
        fprintf(stderr, "under_filter: the filter can't be set\n");
        return 2;
    }
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 2;
}
