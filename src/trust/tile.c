#include "trust/tile.h"

#include "base/file.h"

#include <string.h>
#include <sys/stat.h>

char *tile_path(struct arena *arena, int level, uint64_t index, int width)
{
    CHECK(level >= TILE_ENTRIES && level < 64 && width >= 1 && width <= TILE_WIDTH);
    struct buf *out = buf_new(arena);
    if (level == TILE_ENTRIES)
        buf_puts(out, "tile/entries");
    else
        buf_printf(out, "tile/%d", level);
    uint64_t unit = 1;
    while (index / unit >= 1000) unit *= 1000;
    for (; unit > 1; unit /= 1000) buf_printf(out, "/x%03u", (unsigned)(index / unit % 1000));
    buf_printf(out, "/%03u", (unsigned)(index % 1000));
    if (width < TILE_WIDTH) buf_printf(out, ".p/%d", width);
    return out->ptr;
}

static bool read_number(str text, size_t digits, uint64_t *value)
{
    if (text.len == 0 || text.len > 3 || (digits > 0 && text.len != digits)) return false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *value = number;
    return true;
}

bool tile_path_read(str path, int *level, uint64_t *index, int *width)
{
    str rest = path, part;
    uint64_t number = 0, piece = 0, wide = TILE_WIDTH;
    if (!str_cut(&rest, '/', &part) || !str_is(part, "tile") || !str_cut(&rest, '/', &part))
        return false;
    int read_level = TILE_ENTRIES;
    if (!str_is(part, "entries")) {
        if (!read_number(part, 0, &piece) || piece > 63) return false;
        read_level = (int)piece;
    }
    for (;;) {
        if (!str_cut(&rest, '/', &part)) return false;
        bool more = str_starts(part, "x");
        if (more) part = str_slice(part, 1, part.len);
        bool partial = !more && str_ends(part, ".p");
        if (partial) part = str_slice(part, 0, part.len - 2);
        if (number > UINT64_MAX / 1000 - 1 || !read_number(part, 3, &piece)) return false;
        number = number * 1000 + piece;
        if (more) continue;
        if (partial && (!read_number(rest, 0, &wide) || wide < 1 || wide > 255)) return false;
        if (!partial && rest.len > 0) return false;
        break;
    }
    /* One spelling only: leading zeros, x000/ and the like do not come back the same. */
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (!str_is(path, tile_path(arena, read_level, number, (int)wide))) return false;
    *level = read_level;
    *index = number;
    *width = (int)wide;
    return true;
}

/* size / 256^level */
static uint64_t hashes_at(int level, uint64_t size)
{
    int shift = 8 * (level == TILE_ENTRIES ? 0 : level);
    return shift > 63 ? 0 : size >> shift;
}

int tile_partial_width(int level, uint64_t size)
{
    return (int)(hashes_at(level, size) % TILE_WIDTH);
}

uint64_t tile_full_count(int level, uint64_t size)
{
    return hashes_at(level, size) / TILE_WIDTH;
}

bool tile_write(struct arena *arena, const char *data_dir, const char *path, str content,
                struct error *err)
{
    char *full = arena_printf(arena, "%s/log/%s", data_dir, path);
    str there;
    if (file_exists(full) && file_read(arena, full, content.len, &there, NULL) &&
        str_equal(there, content))
        return true;
    char *parent = arena_strdup(arena, full);
    *strrchr(parent, '/') = '\0';
    return file_make_directory(parent, err) && file_write(full, content, err);
}

void tile_entry_put(struct buf *bundle, str entry)
{
    CHECK(entry.len <= TILE_ENTRY_BYTES_MAX);
    buf_putc(bundle, (char)(entry.len >> 8));
    buf_putc(bundle, (char)(entry.len & 0xff));
    buf_put_str(bundle, entry);
}

bool tile_entry_cut(str *rest, str *entry, bool *broken)
{
    *broken = false;
    if (rest->len == 0) return false;
    size_t length = rest->len < 2
                        ? SIZE_MAX
                        : (size_t)(unsigned char)rest->ptr[0] << 8 | (unsigned char)rest->ptr[1];
    if (rest->len < 2 || length > rest->len - 2) {
        *broken = true;
        return false;
    }
    *entry = str_slice(*rest, 2, 2 + length);
    *rest = str_slice(*rest, 2 + length, rest->len);
    return true;
}
