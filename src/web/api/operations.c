/* For whoever runs the server: /healthz, /readyz, and /metrics in Prometheus' text format 0.0.4,
 * with names after its conventions (prometheus.io, "Metric and label naming"). */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/num.h"
#include "http/http.h"
#include "web/api/api.h"

/* ---- health ---- */

static bool plain(struct web *web, int status, const char *text)
{
    http_reply_bytes(web->reply, status, "text/plain; charset=utf-8", str_from(text));
    return true;
}

/* The process answers: restart it when this doesn't. */
static bool get_health(struct web *web, struct error *err)
{
    (void)err;
    return plain(web, 200, "ok\n");
}

struct state {
    uint64_t entries, waiting;
    struct log_checkpoint checkpoint;
    bool signed_once;
    struct job_count *jobs;
    size_t job_count;
    struct arena *arena;
};

static bool read_state(struct db *db, void *arg, struct error *err)
{
    struct state *state = arg;
    return log_size(db, &state->entries, err) && log_waiting(db, &state->waiting, err) &&
           log_latest_checkpoint(db, state->arena, &state->checkpoint, &state->signed_once, err);
}

static bool read_jobs(struct db *db, void *arg, struct error *err)
{
    struct state *state = arg;
    return job_count_all(db, state->arena, &state->jobs, &state->job_count, err);
}

/* The database answers too: send people elsewhere when it doesn't. The reason stays in the log. */
static bool get_ready(struct web *web, struct error *err)
{
    struct state state = {.arena = web->arena};
    (void)err;
    struct error found = {0};
    if (store_read(web->store, read_state, &state, &found)) return plain(web, 200, "ready\n");
    return plain(web, 503, arena_printf(web->arena, "not ready: %s\n", error_name(found.code)));
}

/* ---- metrics ---- */

/* Every byte is compared, so that the time does not tell how many were right. */
static bool token_is_good(const struct web *web)
{
    str sent = http_header(web->request, "Authorization");
    str token = str_from(web->app->config.metrics_token);
    str prefix = STR("Bearer ");
    if (token.len == 0 || sent.len != prefix.len + token.len || !str_starts(sent, "Bearer "))
        return false;
    unsigned char differs = 0;
    for (size_t i = 0; i < token.len; i++)
        differs |= (unsigned char)(sent.ptr[prefix.len + i] ^ token.ptr[i]);
    return differs == 0;
}

static void put_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_one(struct buf *out, const char *name, const char *type, const char *help,
                    double value)
{
    put_head(out, name, type, help);
    buf_printf(out, "%s %.17g\n", name, value);
}

/* Files of /proc have no size to be read by. */
static double resident_bytes(struct arena *arena)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";
    int64_t pages;
    if (file == NULL) return -1;
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    str rest = str_from(str_dup(arena, str_trim(str_from(line)))), whole, resident;
    if (!read || !str_cut(&rest, ' ', &whole) || !str_cut(&rest, ' ', &resident) ||
        !num_parse_int(resident, &pages))
        return -1;
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -3; /* ., .. and the folder's own */
    if (folder == NULL) return -1;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

static double started_at;
__attribute__((constructor)) static void note_start(void)
{
    started_at = (double)instant_now_ms() / 1000;
}

static void put_process(struct buf *out, struct arena *arena)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    put_one(out, "process_cpu_seconds_total", "counter", "User and system time.",
            (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    put_one(out, "process_resident_memory_bytes", "gauge", "Memory that is resident.",
            resident_bytes(arena));
    put_one(out, "process_open_fds", "gauge", "Open file descriptors.", open_files());
    put_one(out, "process_start_time_seconds", "gauge", "When the process began.", started_at);
}

static void put_labels(struct buf *out, const struct http_route_counts *counts)
{
    buf_printf(out, "method=\"%s\",route=\"%s\"",
               counts->route != NULL ? counts->route->method : "",
               counts->route != NULL ? counts->route->pattern : "");
}

static uint64_t all_answers(const struct http_route_counts *counts)
{
    uint64_t all = 0;
    for (size_t i = 0; i < ARRAY_LEN(counts->answers); i++) all += counts->answers[i];
    return all;
}

static void put_requests(struct buf *out, const struct http_route_counts *list, size_t count)
{
    static const char *const codes[] = {"lost", "1xx", "2xx", "3xx", "4xx", "5xx"};
    put_head(out, "tanshu_http_requests_total", "counter",
             "Requests answered, by route (empty: files and unknown paths) and status.");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
            if (list[i].answers[k] == 0) continue;
            buf_puts(out, "tanshu_http_requests_total{");
            put_labels(out, &list[i]);
            buf_printf(out, ",code=\"%s\"} %llu\n", codes[k],
                       (unsigned long long)list[i].answers[k]);
        }
    put_head(out, "tanshu_http_request_duration_seconds", "histogram",
             "From the request line to the last byte of the answer.");
    for (size_t i = 0; i < count; i++) {
        uint64_t all = all_answers(&list[i]);
        if (all == 0) continue;
        for (size_t k = 0; k <= HTTP_BUCKETS; k++) {
            buf_puts(out, "tanshu_http_request_duration_seconds_bucket{");
            put_labels(out, &list[i]);
            if (k < HTTP_BUCKETS)
                buf_printf(out, ",le=\"%g\"} %llu\n", http_bucket_seconds[k],
                           (unsigned long long)list[i].buckets[k]);
            else
                buf_printf(out, ",le=\"+Inf\"} %llu\n", (unsigned long long)all);
        }
        buf_puts(out, "tanshu_http_request_duration_seconds_sum{");
        put_labels(out, &list[i]);
        buf_printf(out, "} %.6f\ntanshu_http_request_duration_seconds_count{", list[i].seconds);
        put_labels(out, &list[i]);
        buf_printf(out, "} %llu\n", (unsigned long long)all);
    }
}

static void put_log(struct buf *out, const struct state *state)
{
    put_one(out, "tanshu_log_entries", "gauge", "Entries of the evidence log.",
            (double)state->entries);
    put_one(out, "tanshu_log_waiting_leaves", "gauge",
            "Accepted leaves that have no place in the log yet.", (double)state->waiting);
    if (state->signed_once)
        put_one(out, "tanshu_log_checkpoint_time_seconds", "gauge",
                "When the newest checkpoint was signed.",
                (double)state->checkpoint.signed_ms / 1000);
}

static void put_jobs(struct buf *out, const struct state *state, int64_t now_ms)
{
    int64_t oldest_ms = 0;
    put_head(out, "tanshu_jobs", "gauge",
             "Jobs of the queue by kind and state; done ones of the last days.");
    for (size_t i = 0; i < state->job_count; i++) {
        const struct job_count *count = &state->jobs[i];
        buf_printf(out, "tanshu_jobs{kind=\"%s\",state=\"%s\"} %lld\n", count->kind,
                   job_state_name(count->state), (long long)count->jobs);
        if (count->state == JOB_WAITING && now_ms - count->added_ms > oldest_ms)
            oldest_ms = now_ms - count->added_ms;
    }
    put_one(out, "tanshu_jobs_oldest_waiting_seconds", "gauge",
            "Since when the job that waits longest is there.", (double)oldest_ms / 1000);
}

static bool get_metrics(struct web *web, struct error *err)
{
    if (!token_is_good(web)) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    struct buf *out = buf_new(web->arena);
    struct http_route_counts *list;
    struct state state = {.arena = web->arena};
    struct error found = {0};
    bool ready = store_read(web->store, read_state, &state, &found);
    put_head(out, "tanshu_build_info", "gauge", "The program's version.");
    buf_printf(out, "tanshu_build_info{version=\"%s\"} 1\n", TANSHU_VERSION);
    put_one(out, "tanshu_ready", "gauge", "1 when the database answers.", ready ? 1 : 0);
    put_process(out, web->arena);
    put_one(out, "tanshu_http_requests_active", "gauge", "Requests being received or answered.",
            http_active(web->request->server));
    put_requests(out, list, http_counts(web->request->server, web->arena, &list));
    if (ready) put_log(out, &state);
    if (ready && store_read(web->store, read_jobs, &state, &found))
        put_jobs(out, &state, instant_now_ms());
    struct kept_state kept = kept_state(web->app->kept);
    put_one(out, "tanshu_kept_bytes", "gauge", "Derived values that are kept.", (double)kept.bytes);
    put_one(out, "tanshu_kept_found_total", "counter", "Kept values that were used again.",
            (double)kept.found);
    put_one(out, "tanshu_kept_made_total", "counter", "Values that had to be made.",
            (double)kept.made);
    http_reply_bytes(web->reply, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(out));
    return true;
}

const struct web_route web_routes_api_operations[] = {
    {"GET", "/healthz", get_health, WEB_PUBLIC | WEB_STATELESS, TR_KEY("Health")},
    {"GET", "/readyz", get_ready, WEB_PUBLIC | WEB_STATELESS, TR_KEY("Readiness")},
    {"GET", "/metrics", get_metrics, WEB_PUBLIC | WEB_STATELESS, TR_KEY("Metrics")},
    {0},
};
