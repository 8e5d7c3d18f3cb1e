#include "base/id.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/date.h"

#define EPOCH_MS ((int64_t)1704067200000) /* 2024-01-01T00:00:00Z */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_ms = -1;
static int64_t counter;
static int64_t process = -1;

id64 id_new(void)
{
    pthread_mutex_lock(&lock);
    if (process < 0) {
        uint16_t random;
        CHECK(getrandom(&random, sizeof random, 0) == sizeof random);
        process = random & 1023;
    }
    int64_t now = instant_now_ms() - EPOCH_MS;
    if (now < 0) now = 0;
    /* A clock that stands still or goes back must not repeat an identifier. */
    if (now > last_ms) {
        last_ms = now;
        counter = 0;
    } else if (++counter == 4096) {
        last_ms++;
        counter = 0;
    }
    id64 id = last_ms << 22 | process << 12 | counter;
    pthread_mutex_unlock(&lock);
    return id;
}

int64_t id_instant_ms(id64 id)
{
    return (id >> 22) + EPOCH_MS;
}

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void id_format(id64 id, char out[ID_TEXT_MAX])
{
    uint64_t rest = (uint64_t)id;
    for (int i = 12; i >= 0; i--, rest >>= 5) out[i] = digits[rest & 31];
    out[13] = '\0';
}

bool id_parse(str text, id64 *id)
{
    uint64_t value = 0;
    if (text.len != 13) return false;
    for (size_t i = 0; i < 13; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        const char *digit = c == '\0' ? NULL : strchr(digits, c);
        if (digit == NULL) return false;
        value = value << 5 | (uint64_t)(digit - digits);
    }
    if (text.ptr[0] > '7') return false;
    *id = (id64)value;
    return true;
}
