#include "trust/key.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_BYTES_MAX 4096
#define NAME_BYTES_MAX 128

void trust_key_from_seed(struct trust_key *key, str name, const unsigned char seed[32])
{
    CHECK(sodium_init() >= 0);
    key->verifier.name = name;
    key->verifier.type = NOTE_ED25519;
    CHECK(crypto_sign_seed_keypair(key->verifier.key, key->secret, seed) == 0);
    key->verifier.id = note_key_id(name, NOTE_ED25519, key->verifier.key);
}

void trust_key_wipe(struct trust_key *key)
{
    sodium_memzero(key->secret, sizeof key->secret);
}

static bool name_allowed(str name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX) return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= 0x20 || name.ptr[i] > 0x7e || name.ptr[i] == '+') return false;
    return true;
}

/* PRIVATE+KEY+<name>+<id>+base64(type || seed): the form Go's sumdb/note keeps its keys in. */
static str secret_text(struct arena *arena, const struct trust_key *key)
{
    unsigned char bytes[33] = {NOTE_ED25519};
    memcpy(bytes + 1, key->secret, 32);
    str text =
        str_from(arena_printf(arena, "PRIVATE+KEY+%.*s+%08x+%s\n", STR_ARG(key->verifier.name),
                              key->verifier.id, base64_encode(arena, bytes, sizeof bytes)));
    sodium_memzero(bytes, sizeof bytes);
    return text;
}

bool trust_key_create(const char *data_dir, str name, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *directory = arena_printf(arena, "%s/keys", data_dir);
    char *secret_path = arena_printf(arena, "%s/log.key", directory);
    char *public_path = arena_printf(arena, "%s/log.pub", directory);
    if (!name_allowed(name)) return error_set(err, ERROR_TRUST_KEY_NAME, "S", name);
    if (file_exists(secret_path)) return error_set(err, ERROR_TRUST_KEY_EXISTS, "s", secret_path);
    if (!file_make_directory(directory, err)) return false;
    CHECK(sodium_init() >= 0);
    unsigned char seed[32];
    randombytes_buf(seed, sizeof seed);
    struct trust_key key;
    trust_key_from_seed(&key, name, seed);
    sodium_memzero(seed, sizeof seed);
    str secret = secret_text(arena, &key);
    char *vkey = arena_printf(arena, "%s\n", note_verifier_write(arena, &key.verifier));
    /* The public half first: a key without its trust root would sign what nobody can check. */
    bool ok = file_write(public_path, str_from(vkey), err) && file_write(secret_path, secret, err);
    if (ok && chmod(public_path, 0644) != 0)
        ok = error_set(err, ERROR_FILE_WRITE, "ss", public_path, error_reason(errno));
    sodium_memzero((char *)secret.ptr, secret.len);
    trust_key_wipe(&key);
    return ok;
}

static bool read_secret(struct arena *arena, str text, struct trust_key *key)
{
    str rest = str_trim(text), name, id;
    unsigned char *bytes, id_bytes[4];
    size_t count;
    if (!str_starts(rest, "PRIVATE+KEY+")) return false;
    rest = str_slice(rest, strlen("PRIVATE+KEY+"), rest.len);
    if (!str_cut(&rest, '+', &name) || !str_cut(&rest, '+', &id) || !name_allowed(name) ||
        id.len != 8 || !hex_decode(id, id_bytes, 4) ||
        !base64_decode(arena, rest, &bytes, &count) || count != 33 || bytes[0] != NOTE_ED25519)
        return false;
    trust_key_from_seed(key, str_copy(arena, name), bytes + 1);
    sodium_memzero(bytes, count);
    char expected[9];
    snprintf(expected, sizeof expected, "%08x", key->verifier.id);
    return str_is(id, expected);
}

bool trust_key_load(struct arena *arena, const char *data_dir, struct trust_key *key,
                    struct error *err)
{
    char *path = arena_printf(arena, "%s/keys/log.key", data_dir);
    struct stat status;
    if (stat(path, &status) == 0 && (status.st_mode & 077) != 0) {
        char mode[8];
        snprintf(mode, sizeof mode, "%04o", (unsigned)(status.st_mode & 07777));
        return error_set(err, ERROR_TRUST_KEY_MODE, "ss", path, mode);
    }
    str text;
    if (!file_read(arena, path, KEY_FILE_BYTES_MAX, &text, err)) return false;
    bool ok = read_secret(arena, text, key);
    sodium_memzero((char *)text.ptr, text.len);
    return ok || error_set(err, ERROR_TRUST_KEY_FILE, "s", path);
}

/* ---- trust roots ------------------------------------------------------------------------ */

bool trust_roots_read(struct arena *arena, const char *given, struct trust_roots *roots,
                      struct error *err)
{
    struct trust_roots read = {0};
    struct note_verifier verifier;
    CHECK(sodium_init() >= 0);
    if (note_verifier_read(arena, str_from(given), &verifier, NULL)) {
        read.list = arena_copy(arena, &verifier, sizeof verifier);
        read.count = 1;
        *roots = read;
        return true;
    }
    /* Three parts with + but no such file: a vkey with a slip, not a path. */
    const char *plus = strchr(given, '+');
    if (plus != NULL && strchr(plus + 1, '+') != NULL && !file_exists(given))
        return error_set(err, ERROR_TRUST_VKEY, "s", given);
    str text, line;
    if (!file_read(arena, given, (size_t)1 << 20, &text, err)) return false;
    size_t capacity = 0;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#') continue;
        if (!note_verifier_read(arena, line, &verifier, err)) return false;
        *ARENA_PUSH(arena, read.list, read.count, capacity) = verifier;
    }
    if (read.count == 0) return error_set(err, ERROR_TRUST_VKEY, "s", given);
    *roots = read;
    return true;
}
