#include "base/map.h"

#include <string.h>

void map_init(struct map *map, struct arena *arena)
{
    *map = (struct map){.arena = arena};
}

/* FNV-1a with a final mix; the map is rebuilt at half load, probes are linear. */
static uint64_t hash(str key)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < key.len; i++) h = (h ^ (unsigned char)key.ptr[i]) * 1099511628211u;
    h ^= h >> 32;
    return h * 0x9E3779B97F4A7C15u;
}

static size_t find_slot(const struct map *map, str key)
{
    size_t mask = map->slot_count - 1;
    for (size_t slot = (size_t)(hash(key) >> 20) & mask;; slot = (slot + 1) & mask) {
        uint32_t index = map->slots[slot];
        if (index == 0 || str_equal(map->entries[index - 1].key, key)) return slot;
    }
}

void *map_get(const struct map *map, str key)
{
    if (map->slot_count == 0) return NULL;
    uint32_t index = map->slots[find_slot(map, key)];
    return index == 0 ? NULL : map->entries[index - 1].value;
}

bool map_has(const struct map *map, str key)
{
    return map->slot_count != 0 && map->slots[find_slot(map, key)] != 0;
}

void map_put(struct map *map, str key, void *value)
{
    if (map->count * 2 >= map->slot_count) {
        map->slot_count = map->slot_count == 0 ? 16 : map->slot_count * 2;
        map->slots = ARENA_NEW_ARRAY(map->arena, uint32_t, map->slot_count);
        for (size_t i = 0; i < map->count; i++)
            map->slots[find_slot(map, map->entries[i].key)] = (uint32_t)i + 1;
    }
    size_t slot = find_slot(map, key);
    if (map->slots[slot] != 0) {
        map->entries[map->slots[slot] - 1].value = value;
        return;
    }
    *ARENA_PUSH(map->arena, map->entries, map->count, map->capacity) =
        (struct map_entry){key, value};
    map->slots[slot] = (uint32_t)map->count;
}
