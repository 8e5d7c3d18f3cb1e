/* Strangers' notes, vkeys, checkpoints and tile paths: whatever is read is written back the same.
 */
#include "trust/note.h"
#include "trust/tile.h"

#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CHECK(sodium_init() >= 0);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    str text = {(const char *)data, size};
    struct note note;
    struct checkpoint checkpoint;
    struct note_verifier verifier;
    int level, width;
    uint64_t index;
    if (note_read(arena, text, &note, NULL)) {
        CHECK(note.count > 0 && str_ends(note.text, "\n"));
        for (size_t i = 0; i < note.count; i++) {
            struct note_verifier guess = {.name = note.signatures[i].name,
                                          .id = note.signatures[i].id};
            guess.type = note.signatures[i].bytes.len == 72 ? NOTE_COSIGNATURE : NOTE_ED25519;
            CHECK(note_verify(&note, &guess, NULL) !=
                  NOTE_GOOD); /* the key of zeros signs nothing */
        }
        if (checkpoint_read(arena, note.text, &checkpoint, NULL))
            CHECK(str_is(note.text, checkpoint_write(arena, &checkpoint)));
    }
    if (note_verifier_read(arena, text, &verifier, NULL))
        CHECK(str_is(text, note_verifier_write(arena, &verifier)));
    if (tile_path_read(text, &level, &index, &width))
        CHECK(str_is(text, tile_path(arena, level, index, width)));
    return 0;
}
