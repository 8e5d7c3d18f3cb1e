/* A map from text to a pointer, kept in an arena. Iteration is in the order of
 * insertion, so that nothing depends on hash values. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct map_entry {
    str key;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entries; /* in the order of insertion */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* index + 1 into entries, 0 empty */
    size_t slot_count;
};

void map_init(struct map *map, struct arena *arena);
void *map_get(const struct map *map, str key); /* NULL when absent */
/* The key is not copied. Replaces an existing value. */
void map_put(struct map *map, str key, void *value);
bool map_has(const struct map *map, str key);

#endif
