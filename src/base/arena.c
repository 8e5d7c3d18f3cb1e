#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK_BYTES ((size_t)32 * 1024)
#define BYTES_MAX_DEFAULT ((size_t)256 * 1024 * 1024)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct cleanup {
    struct cleanup *next;
    void (*function)(void *thing);
    void *thing;
};

struct arena {
    struct block *blocks; /* the newest first; allocations come from it */
    struct cleanup *cleanups;
    size_t bytes_used;
    size_t bytes_max;
};

void base_check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "tanshu: internal check failed: %s (%s:%d)\n", condition, file, line);
    abort();
}

static _Noreturn void out_of_memory(size_t bytes, const struct arena *arena)
{
    fprintf(stderr, "tanshu: out of memory: %zu more bytes, %zu in use, limit %zu\n", bytes,
            arena->bytes_used, arena->bytes_max);
    abort();
}

struct arena *arena_open(size_t bytes_max)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) {
        fputs("tanshu: out of memory\n", stderr);
        abort();
    }
    arena->bytes_max = bytes_max != 0 ? bytes_max : BYTES_MAX_DEFAULT;
    return arena;
}

void arena_close(struct arena *arena)
{
    if (arena == NULL) return;
    for (struct cleanup *c = arena->cleanups; c != NULL; c = c->next) c->function(c->thing);
    for (struct block *b = arena->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(arena);
}

void arena_close_scoped(struct arena **arena)
{
    arena_close(*arena);
}

/* Asks for large pages where a block holds some: its first use then costs a few page faults, not
 * thousands. A kernel that can't says no, and nothing is lost. */
static void ask_for_huge_pages(void *bytes, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t first = ((uintptr_t)bytes + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1),
              end = ((uintptr_t)bytes + size) & ~(HUGE_PAGE_BYTES - 1);
    if (first < end) (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)bytes, (void)size;
#endif
}

void *arena_try_alloc_bare(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (bytes == 0) bytes = ALIGNMENT;
    struct block *block = arena->blocks;
    if (block == NULL || block->size - block->used < bytes) {
        size_t size = size_max(BLOCK_BYTES, bytes);
        if (size > arena->bytes_max - size_min(arena->bytes_max, arena->bytes_used)) return NULL;
        block = malloc(sizeof *block + size);
        if (block == NULL) return NULL;
        block->used = 0;
        block->size = size;
        if (size >= 2 * HUGE_PAGE_BYTES) ask_for_huge_pages(block, size);
        /* A large block does not hide the room left in the current one. */
        if (bytes > BLOCK_BYTES / 4 && arena->blocks != NULL) {
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            block->next = arena->blocks;
            arena->blocks = block;
        }
        arena->bytes_used += size;
    }
    void *result = block->bytes + block->used;
    block->used += bytes;
    return result;
}

void *arena_try_alloc(struct arena *arena, size_t bytes)
{
    void *result = arena_try_alloc_bare(arena, bytes);
    if (result != NULL) memset(result, 0, bytes);
    return result;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    void *result = arena_try_alloc(arena, bytes);
    if (result == NULL) out_of_memory(bytes, arena);
    return result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) out_of_memory(SIZE_MAX, arena);
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t count)
{
    void *copy = arena_alloc(arena, count + 1); /* always ends in a zero byte */
    if (count != 0) memcpy(copy, bytes, count);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    CHECK(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return array;
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *bigger = arena_array(arena, wanted, size);
    if (count != 0) memcpy(bigger, array, count * size);
    *capacity = wanted;
    return bigger;
}

void arena_on_close(struct arena *arena, void (*function)(void *thing), void *thing)
{
    struct cleanup *cleanup = ARENA_NEW(arena, struct cleanup);
    cleanup->function = function;
    cleanup->thing = thing;
    cleanup->next = arena->cleanups;
    arena->cleanups = cleanup;
}

size_t arena_bytes_used(const struct arena *arena)
{
    return arena->bytes_used;
}
