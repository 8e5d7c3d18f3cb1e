/* Inside the room: checkpoints that are kept outside the database, and the restore rule. */
#ifndef TRUST_SEQUENCE_H
#define TRUST_SEQUENCE_H

#include "store/store.h"
#include "trust/note.h"

struct outside {
    const char *path;
    bool found;
    str note;
    struct checkpoint checkpoint;
};
/* Reads a checkpoint file and verifies its signature; a file that is not there is found = false. */
bool outside_read(struct arena *arena, const char *path, const struct note_verifier *verifier,
                  struct outside *outside, struct error *err) NODISCARD;
/* The restore rule: the tree of `size` in the database continues the checkpoint. Error
 * TRUST_HISTORY. */
bool outside_consistent(struct db *db, const struct outside *outside, uint64_t size,
                        struct error *err) NODISCARD;

#endif
