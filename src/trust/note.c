#include "trust/note.h"

#include "base/num.h"
#include "trust/merkle.h"

#include <sodium.h>
#include <string.h>

static const char dash[] = "\xe2\x80\x94 "; /* em dash and a space begin a signature line */

static void put_u32(unsigned char out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++) out[i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint64_t get_big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

uint32_t note_key_id(str name, enum note_type type, const unsigned char key[NOTE_PUBLIC_BYTES])
{
    unsigned char kind[2] = {'\n', (unsigned char)type};
    const str parts[] = {name, {(const char *)kind, 2}, {(const char *)key, NOTE_PUBLIC_BYTES}};
    return (uint32_t)get_big_endian(digest_of_parts(parts, 3).bytes, 4);
}

/* The blanks of Unicode (White_Space) that could hide in a name. */
static bool is_space(uint32_t c)
{
    return c <= 0x20 || c == 0x7f || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool name_valid(str name)
{
    if (name.len == 0 || !utf8_valid(name)) return false;
    for (size_t at = 0; at < name.len;) {
        uint32_t c = utf8_next(name, &at);
        if (is_space(c) || c == '+') return false;
    }
    return true;
}

/* Base64 that is spelled the one right way: padding bits that are not zero are refused. */
static bool base64_exact(struct arena *arena, str text, unsigned char **bytes, size_t *count)
{
    return base64_decode(arena, text, bytes, count) &&
           str_equal(str_from(base64_encode(arena, *bytes, *count)), text);
}

bool note_verifier_read(struct arena *arena, str vkey, struct note_verifier *verifier,
                        struct error *err)
{
    str rest = vkey, name, hex;
    unsigned char id[4], *key;
    size_t count;
    if (!str_cut(&rest, '+', &name) || !str_cut(&rest, '+', &hex) || !name_valid(name) ||
        hex.len != 8 || !hex_decode(hex, id, 4) || !base64_exact(arena, rest, &key, &count) ||
        count != 1 + NOTE_PUBLIC_BYTES || (key[0] != NOTE_ED25519 && key[0] != NOTE_COSIGNATURE))
        return error_set(err, ERROR_TRUST_VKEY, "S", vkey);
    struct note_verifier read = {.name = str_copy(arena, name), .type = (enum note_type)key[0]};
    memcpy(read.key, key + 1, NOTE_PUBLIC_BYTES);
    read.id = note_key_id(name, read.type, read.key);
    /* Lower-case digits only: one key, one spelling. */
    if (read.id != get_big_endian(id, 4) || !str_is(hex, hex_encode(arena, id, 4)))
        return error_set(err, ERROR_TRUST_VKEY, "S", vkey);
    *verifier = read;
    return true;
}

char *note_verifier_write(struct arena *arena, const struct note_verifier *verifier)
{
    unsigned char key[1 + NOTE_PUBLIC_BYTES] = {(unsigned char)verifier->type};
    memcpy(key + 1, verifier->key, NOTE_PUBLIC_BYTES);
    return arena_printf(arena, "%.*s+%08x+%s", STR_ARG(verifier->name), verifier->id,
                        base64_encode(arena, key, sizeof key));
}

struct note_verifier note_verifier_as(const struct note_verifier *verifier, enum note_type type)
{
    struct note_verifier other = *verifier;
    other.type = type;
    other.id = note_key_id(other.name, type, other.key);
    return other;
}

static bool read_signature(struct arena *arena, str line, struct note_signature *signature)
{
    str name, rest = str_slice(line, sizeof dash - 1, line.len);
    unsigned char *bytes;
    size_t count;
    if (!str_starts(line, dash) || !str_cut(&rest, ' ', &name) || !name_valid(name) ||
        !base64_exact(arena, rest, &bytes, &count) || count <= 4)
        return false;
    *signature = (struct note_signature){
        name, (uint32_t)get_big_endian(bytes, 4), {(const char *)bytes + 4, count - 4}};
    return true;
}

static bool is_clean(str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if ((unsigned char)bytes.ptr[i] < 0x20 && bytes.ptr[i] != '\n') return false;
    return utf8_valid(bytes);
}

bool note_read(struct arena *arena, str bytes, struct note *note, struct error *err)
{
    if (bytes.len > NOTE_BYTES_MAX) return error_set(err, ERROR_TRUST_NOTE, "s", "it is too long");
    if (!is_clean(bytes))
        return error_set(err, ERROR_TRUST_NOTE, "s", "it is not UTF-8 or has control characters");
    size_t blank = bytes.len; /* where the last empty line stands */
    for (size_t i = 0; i + 1 < bytes.len; i++)
        if (bytes.ptr[i] == '\n' && bytes.ptr[i + 1] == '\n') blank = i + 1;
    if (blank >= bytes.len || bytes.ptr[bytes.len - 1] != '\n')
        return error_set(
            err, ERROR_TRUST_NOTE, "s",
            "there is no empty line between text and signatures, or its last line is open");
    struct note read = {.text = str_slice(bytes, 0, blank)};
    str rest = str_slice(bytes, blank + 1, bytes.len - 1), line;
    while (str_cut(&rest, '\n', &line)) {
        if (read.count == NOTE_SIGNATURES_MAX)
            return error_set(err, ERROR_TRUST_NOTE, "s", "it has more than 16 signatures");
        if (!read_signature(arena, line, &read.signatures[read.count++]))
            return error_set(err, ERROR_TRUST_NOTE, "s", "a signature line is malformed");
    }
    if (read.count == 0) return error_set(err, ERROR_TRUST_NOTE, "s", "it has no signature");
    *note = read;
    return true;
}

/* What a cosignature signs (c2sp.org/tlog-cosignature, "Ed25519 signed message"). */
static void cosigned_message(struct buf *out, str text, int64_t time_s)
{
    buf_printf(out, "cosignature/v1\ntime %lld\n", (long long)time_s);
    buf_put_str(out, text);
}

static bool signature_good(const struct note *note, const struct note_signature *signature,
                           const struct note_verifier *verifier, int64_t *time_s)
{
    const unsigned char *bytes = (const unsigned char *)signature->bytes.ptr;
    if (verifier->type == NOTE_ED25519)
        return signature->bytes.len == crypto_sign_BYTES &&
               crypto_sign_verify_detached(bytes, (const unsigned char *)note->text.ptr,
                                           note->text.len, verifier->key) == 0;
    if (signature->bytes.len != 8 + crypto_sign_BYTES) return false;
    uint64_t time = get_big_endian(bytes, 8);
    if (time > NOTE_TIME_MAX) return false;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct buf *message = buf_new(arena);
    cosigned_message(message, note->text, (int64_t)time);
    if (crypto_sign_verify_detached(bytes + 8, (const unsigned char *)message->ptr, message->len,
                                    verifier->key) != 0)
        return false;
    *time_s = (int64_t)time;
    return true;
}

enum note_outcome note_verify(const struct note *note, const struct note_verifier *verifier,
                              int64_t *time_s)
{
    enum note_outcome outcome = NOTE_UNKNOWN;
    int64_t time = 0;
    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        if (signature->id != verifier->id || !str_equal(signature->name, verifier->name)) continue;
        if (!signature_good(note, signature, verifier, &time)) return NOTE_BAD;
        outcome = NOTE_GOOD;
    }
    if (time_s != NULL) *time_s = time;
    return outcome;
}

void note_sign(struct buf *out, str text, str name, enum note_type type,
               const unsigned char secret[NOTE_SECRET_BYTES], int64_t time_s)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    unsigned char bytes[4 + 8 + crypto_sign_BYTES];
    size_t used = 4;
    /* libsodium's secret key ends with the public key. */
    put_u32(bytes, note_key_id(name, type, secret + 32));
    struct buf *message = buf_new(arena);
    if (type == NOTE_COSIGNATURE) {
        CHECK(time_s >= 0);
        put_u32(bytes + 4, (uint32_t)((uint64_t)time_s >> 32));
        put_u32(bytes + 8, (uint32_t)time_s);
        used += 8;
        cosigned_message(message, text, time_s);
    } else {
        buf_put_str(message, text);
    }
    CHECK(crypto_sign_detached(bytes + used, NULL, (const unsigned char *)message->ptr,
                               message->len, secret) == 0);
    used += crypto_sign_BYTES;
    buf_puts(out, dash);
    buf_put_str(out, name);
    buf_printf(out, " %s\n", base64_encode(arena, bytes, used));
}

/* ---- checkpoints ------------------------------------------------------------------------ */

char *checkpoint_write(struct arena *arena, const struct checkpoint *checkpoint)
{
    return arena_printf(arena, "%.*s\n%llu\n%s\n", STR_ARG(checkpoint->origin),
                        (unsigned long long)checkpoint->size,
                        base64_encode(arena, checkpoint->root.bytes, DIGEST_BYTES));
}

static bool read_size(str text, uint64_t *size)
{
    int64_t value;
    if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9' ||
        (text.ptr[0] == '0' && text.len > 1) || !num_parse_int(text, &value))
        return false;
    *size = (uint64_t)value;
    return true;
}

bool checkpoint_read(struct arena *arena, str text, struct checkpoint *checkpoint,
                     struct error *err)
{
    struct checkpoint read = {0};
    str rest = text, origin, size, root;
    unsigned char *bytes;
    size_t count;
    if (!str_cut(&rest, '\n', &origin) || !str_cut(&rest, '\n', &size) ||
        !str_cut(&rest, '\n', &root))
        return error_set(err, ERROR_TRUST_CHECKPOINT, "s", "lines are missing");
    if (text.ptr[text.len - 1] != '\n' || rest.len != 0)
        return error_set(err, ERROR_TRUST_CHECKPOINT, "s",
                         "it has other lines, or its last line is open");
    if (origin.len == 0) return error_set(err, ERROR_TRUST_CHECKPOINT, "s", "the origin is empty");
    if (!read_size(size, &read.size))
        return error_set(err, ERROR_TRUST_CHECKPOINT, "s", "the size is not a decimal number");
    if (!base64_exact(arena, root, &bytes, &count) ||
        !merkle_hash_read((str){(const char *)bytes, count}, &read.root))
        return error_set(err, ERROR_TRUST_CHECKPOINT, "s", "the root is not 32 bytes in base64");
    read.origin = str_copy(arena, origin);
    *checkpoint = read;
    return true;
}
