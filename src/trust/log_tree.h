/* Inside the room: the tree as the database holds it. */
#ifndef TRUST_LOG_TREE_H
#define TRUST_LOG_TREE_H

#include "store/store.h"
#include "trust/merkle.h"
#include "trust/tile.h"

/* `count` hashes of a tile level (0: leaf hashes; 1: roots of 256 leaves …) from index `first` on.
 */
bool log_tile_hashes(struct db *db, struct arena *arena, int tile_level, uint64_t first,
                     size_t count, digest *hashes, struct error *err) NODISCARD;
/* The whole tree, of any size up to log_size, as merkle.h wants it. Valid inside the transaction of
 * `db`. */
struct merkle_source log_source(struct db *db);

#endif
