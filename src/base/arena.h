/* An arena owns everything allocated for one request, job or compilation and
 * frees it at once. It also runs cleanups (newest first) for resources whose
 * life is that of the request. Not thread safe: one arena belongs to one thread. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena;

/* A new arena. `bytes_max` is the limit of all its memory; 0 means the default
 * of 256 MiB. Exceeding it, or running out of memory, ends the process unless
 * allocations are made with arena_try_alloc. */
struct arena *arena_open(size_t bytes_max);
void arena_close(struct arena *arena);
void arena_close_scoped(struct arena **arena);

/* Zeroed memory, aligned for any type. arena_alloc never returns NULL. */
void *arena_alloc(struct arena *arena, size_t bytes) __attribute__((malloc, returns_nonnull));
void *arena_try_alloc(struct arena *arena, size_t bytes);
/* Not zeroed: for what is large and written as a whole. */
void *arena_try_alloc_bare(struct arena *arena, size_t bytes);
/* count * size with overflow check. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
void *arena_copy(struct arena *arena, const void *bytes, size_t count)
    __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3)
    __attribute__((returns_nonnull));

/* Grows an array kept in the arena so that it holds `count + 1` items: returns
 * the (possibly moved) array and updates *capacity. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* Runs `function(thing)` when the arena closes. */
void arena_on_close(struct arena *arena, void (*function)(void *thing), void *thing);

size_t arena_bytes_used(const struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))
#define ARENA_PUSH(arena, array, count, capacity)                                   \
    ((array) = arena_grow((arena), (array), (count), &(capacity), sizeof *(array)), \
     &(array)[(count)++])

#endif
