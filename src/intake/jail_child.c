/* The jailed half: our own program started again with nothing but two pipes. It opens the text
 * converters, closes the jail around itself (rlimits, no_new_privs, a seccomp allow-list that
 * kills), and only then looks at the first byte of a stranger's file. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "intake/frame.h"
#include "intake/parse.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) && !defined(WITH_SANITIZER)
#define WITH_SANITIZER 1
#endif
#ifndef WITH_SANITIZER
#define WITH_SANITIZER 0
#endif

#define FLUSH_BYTES ((size_t)64 << 10)

struct speaker {
    struct buf *out;
    uint64_t rows;
};

static void flush(struct buf *out)
{
    size_t at = 0;
    while (at < out->len) {
        ssize_t wrote = write(STDOUT_FILENO, out->ptr + at, out->len - at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) _exit(3); /* the parent has gone: nobody to tell */
        at += (size_t)wrote;
    }
    out->len = 0;
}

static bool read_all(char *to, size_t bytes)
{
    while (bytes > 0) {
        ssize_t got = read(STDIN_FILENO, to, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool say_begin(void *arg, const struct intake_book *book, struct error *err)
{
    struct speaker *speaker = arg;
    (void)err;
    size_t begun = frame_begin(speaker->out, FRAME_BEGIN);
    frame_put_u8(speaker->out, book->format);
    frame_put_u8(speaker->out, book->encoding);
    frame_put_u8(speaker->out, (unsigned char)book->separator);
    frame_end(speaker->out, begun);
    return true;
}

static bool say_sheet(void *arg, str name, bool hidden, struct error *err)
{
    struct speaker *speaker = arg;
    (void)err;
    size_t begun = frame_begin(speaker->out, FRAME_SHEET);
    frame_put_u8(speaker->out, hidden);
    frame_put_text(speaker->out, name);
    frame_end(speaker->out, begun);
    return true;
}

static bool say_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct speaker *speaker = arg;
    (void)err;
    speaker->rows++;
    frame_put_row(speaker->out, row);
    if (speaker->out->len > FLUSH_BYTES) flush(speaker->out);
    return true;
}

static bool say_merged(void *arg, const struct intake_range *range, struct error *err)
{
    struct speaker *speaker = arg;
    (void)err;
    size_t begun = frame_begin(speaker->out, FRAME_MERGED);
    frame_put_u32(speaker->out, range->first_row);
    frame_put_u32(speaker->out, range->last_row);
    frame_put_u16(speaker->out, range->first_column);
    frame_put_u16(speaker->out, range->last_column);
    frame_end(speaker->out, begun);
    return true;
}

static bool set_limit(int which, rlim_t value)
{
    struct rlimit limit = {value, value};
    return setrlimit((__rlimit_resource_t)which, &limit) == 0;
}

static bool set_limits(void)
{
    /* Address space is bounded for good measure; sanitizers reserve terabytes of it. */
    if (!WITH_SANITIZER && !set_limit(RLIMIT_AS, (rlim_t)INTAKE_MAX_memory_bytes * 2)) return false;
    return set_limit(RLIMIT_CPU, (rlim_t)INTAKE_MAX_cpu_seconds) && set_limit(RLIMIT_FSIZE, 0) &&
           set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, 3);
}

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0) return false;
    return true;
}

/* Reading and writing the pipes, memory that can't be executed, and leaving. */
static bool close_jail(void)
{
    static const int plain[] = {SCMP_SYS(exit),     SCMP_SYS(exit_group),   SCMP_SYS(brk),
                                SCMP_SYS(munmap),   SCMP_SYS(mremap),       SCMP_SYS(madvise),
                                SCMP_SYS(futex),    SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime),
                                SCMP_SYS(getrandom)};
    /* What the run-time of a sanitizer calls while it works and when it reports. */
    static const int sanitizer[] = {SCMP_SYS(sigaltstack),    SCMP_SYS(rt_sigaction),
                                    SCMP_SYS(rt_sigprocmask), SCMP_SYS(sched_yield),
                                    SCMP_SYS(gettid),         SCMP_SYS(getpid),
                                    SCMP_SYS(tgkill),         SCMP_SYS(sched_getaffinity),
                                    SCMP_SYS(getrusage),      SCMP_SYS(prlimit64),
                                    SCMP_SYS(readlink),       SCMP_SYS(newfstatat),
                                    SCMP_SYS(lseek),          SCMP_SYS(close),
                                    SCMP_SYS(ioctl),          SCMP_SYS(mmap),
                                    SCMP_SYS(mprotect),       SCMP_SYS(pipe2),
                                    SCMP_SYS(pipe),           SCMP_SYS(process_vm_readv)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) return false;
    bool good = allow(filter, plain, ARRAY_LEN(plain)) &&
                seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1,
                                 SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO)) == 0 &&
                seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                                 SCMP_A0(SCMP_CMP_LE, STDERR_FILENO)) == 0;
    if (WITH_SANITIZER) {
        good = good && allow(filter, sanitizer, ARRAY_LEN(sanitizer));
    } else {
        good = good &&
               seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0),
                                SCMP_A4(SCMP_CMP_EQ, 0xFFFFFFFF /* no file */)) == 0 &&
               seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0)) == 0;
    }
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

/* Converters load their tables from files: open one and use it once before the jail closes. */
static iconv_t open_converter(void)
{
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1) return converter;
    char sample[] = "\xCC\xBC", out[8], *from = sample, *to = out;
    size_t from_left = 2, to_left = sizeof out;
    if (iconv(converter, &from, &from_left, &to, &to_left) == (size_t)-1) {
        iconv_close(converter);
        return (iconv_t)-1;
    }
    return converter;
}

static int fail(struct buf *out, const char *what)
{
    struct error err = {0};
    error_set(&err, ERROR_INTAKE_JAIL, "s", what);
    frame_put_error(out, &err);
    flush(out);
    return 3;
}

static bool read_file(struct arena *arena, str *bytes, struct error *err)
{
    unsigned char head[8];
    uint64_t length = 0;
    if (!read_all((char *)head, sizeof head))
        return error_set(err, ERROR_INTAKE_JAIL, "s", "no file came");
    for (int i = 0; i < 8; i++) length |= (uint64_t)head[i] << (8 * i);
    char *to = length > (uint64_t)INTAKE_MAX_file_bytes ? NULL : arena_try_alloc(arena, length + 1);
    if (to == NULL) return parse_over_limit("-", "file_bytes", err);
    if (!read_all(to, length)) return error_set(err, ERROR_INTAKE_JAIL, "s", "the file broke off");
    *bytes = (str){to, length};
    return true;
}

int intake_jail_main(void)
{
    struct arena *keep = arena_open((size_t)INTAKE_MAX_file_bytes + ((size_t)64 << 20));
    struct speaker speaker = {.out = buf_new(keep)};
    iconv_t converter = open_converter();
    tzset(); /* libzip asks for local times; the zone (TZ=UTC0 of the parent) is read now or never
              */
    /* Dies with its parent, and can't be traced by others of the same user. */
    if (prctl(PR_SET_PDEATHSIG, 9) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return fail(speaker.out, "prctl");
    if (converter == (iconv_t)-1) return fail(speaker.out, "no converter for GB 18030");
    if (close_range(3, ~0U, 0) != 0) return fail(speaker.out, "close_range");
    if (!set_limits()) return fail(speaker.out, "setrlimit");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(speaker.out, "no_new_privs");
    if (!close_jail()) return fail(speaker.out, "seccomp");

    size_t begun = frame_begin(speaker.out, FRAME_HELLO);
    frame_put_u8(speaker.out, FRAME_VERSION);
    frame_end(speaker.out, begun);
    flush(speaker.out);

    struct intake_sink sink = {&speaker, say_begin, say_sheet, say_row, say_merged};
    struct parse parse = {
        .sink = &sink, .gb18030 = converter, .arena = arena_open((size_t)INTAKE_MAX_memory_bytes)};
    struct error err = {0};
    str bytes;
    if (read_file(keep, &bytes, &err) && parse_file(&parse, bytes, &err)) {
        begun = frame_begin(speaker.out, FRAME_END);
        frame_put_u64(speaker.out, speaker.rows);
        frame_end(speaker.out, begun);
    } else {
        frame_put_error(speaker.out, &err);
    }
    flush(speaker.out);
    _exit(0);
}
