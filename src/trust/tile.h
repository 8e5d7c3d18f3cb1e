/* Tiles of the log (c2sp.org/tlog-tiles) as files under DIR/log: tile/<L>/<N>, tile/entries/<N>,
 * partial ones with .p/<W>, and checkpoint. They hold nothing private and may be served as they
 * are. */
#ifndef TRUST_TILE_H
#define TRUST_TILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"

#define TILE_WIDTH 256
#define TILE_ENTRY_BYTES_MAX 65535
#define TILE_ENTRIES (-1) /* the level of entry bundles */

/* tile/2/x001/x234/067 or tile/0/000.p/12; level TILE_ENTRIES gives tile/entries/…; width 256:
 * full. */
char *tile_path(struct arena *arena, int level, uint64_t index, int width);
/* Reads such a path back; refuses any other spelling. */
bool tile_path_read(str path, int *level, uint64_t *index, int *width) NODISCARD;
/* Hashes in the rightmost, partial tile of a level for a tree of `size`; 0: none. */
int tile_partial_width(int level, uint64_t size);
/* Full tiles of a level in a tree of `size`. */
uint64_t tile_full_count(int level, uint64_t size);

/* Writes DIR/log/<path> so that readers see all of it or nothing; tiles of equal content are left
 * alone. */
bool tile_write(struct arena *arena, const char *data_dir, const char *path, str content,
                struct error *err) NODISCARD;
/* Appends an entry of a bundle: length in two bytes, big endian, then its bytes. */
void tile_entry_put(struct buf *bundle, str entry);
/* Cuts the next entry off *rest; false at the end or on a broken bundle (*broken). */
bool tile_entry_cut(str *rest, str *entry, bool *broken) NODISCARD;

#endif
