/* Whole files, read with a limit and written so that a reader sees the old or
 * the new content, never a half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* Reads a regular file of at most bytes_max. The content ends in a zero byte. */
bool file_read(struct arena *arena, const char *path, size_t bytes_max, str *content,
               struct error *err) NODISCARD;
/* Writes a temporary file beside it, syncs it, renames it, syncs the directory. Of several threads
 * or processes that write one file at once, the last one's content stays, whole. */
bool file_write(const char *path, str content, struct error *err) NODISCARD;
/* The same with the content of another regular file of any size, in little memory. */
bool file_copy(const char *from, const char *to, struct error *err) NODISCARD;
bool file_exists(const char *path);
/* Makes the directory and its parents, mode 0700 for new ones, and syncs what holds a new one. */
bool file_make_directory(const char *path, struct error *err) NODISCARD;
/* Names in a directory (no . entries), sorted by byte order. */
bool file_list(struct arena *arena, const char *path, char ***names, size_t *count,
               struct error *err) NODISCARD;
/* Removes a file, or a directory with everything in it; what a link leads to stays. Whether nothing
 * of it is left: it goes on behind what can't be removed. */
bool file_remove_tree(const char *path);
void file_close_scoped(int *fd);

#endif
