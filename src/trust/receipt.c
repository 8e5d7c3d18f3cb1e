/* Receipts: their JSON, the PDF update that carries it, and the verdict over a report. The verifier
 * trusts no field: it rebuilds the whole appended section from the report's bytes and the values
 * read, and compares. */
#include "trust/receipt.h"

#include "base/num.h"
#include "trust/canonical.h"

#include <sodium.h>
#include <string.h>

#define RECEIPT_BYTES_MAX ((size_t)128 * 1024)
#define FORMAT "tanshu receipt v1"

digest trust_report_content(str pdf, str number)
{
    static const char label[] = "tanshu report v1";
    digest body = digest_of(pdf);
    const str parts[] = {
        {label, sizeof label}, number, {"\0", 1}, {(const char *)body.bytes, DIGEST_BYTES}};
    return digest_of_parts(parts, 4);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void put_hex(struct buf *out, struct arena *arena, const char *name, const void *bytes,
                    size_t count)
{
    buf_printf(out, "\"%s\":\"%s\"", name, hex_encode(arena, bytes, count));
}

/* Written with its names already in the order that RFC 8785 wants. */
str trust_receipt_json(struct arena *arena, const struct log_receipt *receipt, str number,
                       const struct note_verifier *signer)
{
    CHECK(receipt->state == LOG_SIGNED);
    digest leaf = log_commitment(receipt->salt, receipt->kind, receipt->content);
    struct buf *out = buf_new(arena);
    buf_puts(out, "{\"checkpoint\":");
    buf_json_string(out, receipt->checkpoint.note);
    buf_putc(out, ',');
    put_hex(out, arena, "content", receipt->content.bytes, DIGEST_BYTES);
    buf_printf(out, ",\"format\":\"" FORMAT "\",\"index\":%llu,",
               (unsigned long long)receipt->index);
    if (signer != NULL) {
        buf_puts(out, "\"key\":");
        buf_json_string(out, str_from(note_verifier_write(arena, signer)));
        buf_putc(out, ',');
    }
    buf_puts(out, "\"kind\":");
    buf_json_string(out, receipt->kind);
    buf_putc(out, ',');
    put_hex(out, arena, "leaf", leaf.bytes, DIGEST_BYTES);
    buf_puts(out, ",\"proof\":[");
    for (size_t i = 0; i < receipt->proof_count; i++)
        buf_printf(out, "%s\"%s\"", i > 0 ? "," : "",
                   hex_encode(arena, receipt->proof[i].bytes, DIGEST_BYTES));
    buf_puts(out, "],");
    if (number.len > 0) {
        buf_puts(out, "\"report\":");
        buf_json_string(out, number);
        buf_putc(out, ',');
    }
    put_hex(out, arena, "salt", receipt->salt, LOG_SALT_BYTES);
    buf_putc(out, '}');
    return buf_str(out);
}

static str get_text(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return (str){0};
    return str_copy(arena, (str){json_string_value(value), json_string_length(value)});
}

static bool get_hex(struct arena *arena, const json_t *object, const char *name, void *bytes,
                    size_t count)
{
    str text = get_text(arena, object, name);
    return text.len == 2 * count && hex_decode(text, bytes, count);
}

static bool get_proof(const json_t *object, struct log_receipt *receipt)
{
    const json_t *list = json_object_get(object, "proof");
    if (!json_is_array(list) || json_array_size(list) > MERKLE_PROOF_MAX) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item) || json_string_length(item) != 2 * DIGEST_BYTES ||
            !hex_decode((str){json_string_value(item), 2 * DIGEST_BYTES}, receipt->proof[i].bytes,
                        DIGEST_BYTES))
            return false;
    }
    receipt->proof_count = json_array_size(list);
    return true;
}

static const char *read_fields(struct arena *arena, const json_t *object,
                               struct log_receipt *receipt)
{
    const json_t *index = json_object_get(object, "index");
    if (!str_is(get_text(arena, object, "format"), FORMAT)) return "format";
    if (!json_is_integer(index) || json_integer_value(index) < 0) return "index";
    receipt->index = (uint64_t)json_integer_value(index);
    receipt->kind = get_text(arena, object, "kind");
    if (receipt->kind.len == 0 || receipt->kind.len > LOG_KIND_BYTES_MAX) return "kind";
    if (!get_hex(arena, object, "content", receipt->content.bytes, DIGEST_BYTES)) return "content";
    if (!get_hex(arena, object, "salt", receipt->salt, LOG_SALT_BYTES)) return "salt";
    if (!get_proof(object, receipt)) return "proof";
    receipt->checkpoint.note = get_text(arena, object, "checkpoint");
    struct note note;
    struct checkpoint checkpoint;
    if (!note_read(arena, receipt->checkpoint.note, &note, NULL) ||
        !checkpoint_read(arena, note.text, &checkpoint, NULL))
        return "checkpoint";
    receipt->checkpoint.size = checkpoint.size;
    receipt->checkpoint.root = checkpoint.root;
    receipt->state = LOG_SIGNED;
    return NULL;
}

bool trust_receipt_read(struct arena *arena, str json, struct log_receipt *receipt, str *number,
                        str *vkey, struct error *err)
{
    SCOPED(canonical_free_scoped) json_t *object = NULL;
    struct log_receipt read = {0};
    struct note_verifier signer;
    if (json.len > RECEIPT_BYTES_MAX)
        return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", "length");
    if (!canonical_read_exact(json, &object, err)) return false;
    const char *odd = read_fields(arena, object, &read);
    str report = get_text(arena, object, "report"), key = get_text(arena, object, "key");
    if (odd == NULL && key.len > 0 && !note_verifier_read(arena, key, &signer, NULL)) odd = "key";
    /* Names we do not write, a leaf that is not its commitment, text where a number was: all show
     * here. */
    if (odd == NULL &&
        !str_equal(json, trust_receipt_json(arena, &read, report, key.len > 0 ? &signer : NULL)))
        odd = "leaf";
    if (odd != NULL) return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", odd);
    *receipt = read;
    *number = report;
    *vkey = key;
    return true;
}

/* ---- the PDF update -------------------------------------------------------------------------- */

struct trailer { /* what an update needs of the file before it */
    int64_t size, prev;
    str root, info; /* "12 0 R"; info may be empty */
};

static const char eof_mark[] = "%%EOF\n";

/* Text right before the end of `pdf`: "startxref\n<number>\n%%EOF\n". */
static bool read_startxref(str pdf, int64_t *offset)
{
    if (!str_ends(pdf, eof_mark)) return false;
    size_t end = pdf.len - strlen(eof_mark), at = end;
    if (end < 2 || pdf.ptr[end - 1] != '\n') return false;
    for (at = end - 1; at > 0 && pdf.ptr[at - 1] >= '0' && pdf.ptr[at - 1] <= '9'; at--) {
    }
    str number = str_slice(pdf, at, end - 1);
    return number.len > 0 && number.len < 12 && str_ends(str_slice(pdf, 0, at), "startxref\n") &&
           num_parse_int(number, offset);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The value of a name in a flat dictionary, up to the next name or the end. */
static str find_value(str dictionary, str name)
{
    str rest = dictionary;
    for (size_t at; str_find(rest, name, &at);) {
        rest = str_slice(rest, at + name.len, rest.len);
        if (rest.len == 0 || !is_blank(rest.ptr[0])) continue;
        size_t end = 0;
        while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '>') end++;
        return str_trim(str_slice(rest, 0, end));
    }
    return (str){0};
}

/* "12 0 R" and nothing else. */
static bool is_reference(str text)
{
    str rest = text, part;
    int64_t number;
    return str_cut(&rest, ' ', &part) && num_parse_int(part, &number) && number > 0 &&
           part.ptr[0] != '+' && str_cut(&rest, ' ', &part) && num_parse_int(part, &number) &&
           str_is(rest, "R") && text.len < 24;
}

static const char *read_trailer(str pdf, struct trailer *trailer)
{
    if (!str_starts(pdf, "%PDF-1.")) return "it does not begin with %PDF-1.";
    if (!read_startxref(pdf, &trailer->prev))
        return "it does not end with startxref, a number and %%EOF";
    if (trailer->prev <= 0 || (uint64_t)trailer->prev >= pdf.len)
        return "startxref points outside the file";
    str tail = str_slice(pdf, (size_t)trailer->prev, pdf.len);
    if (!str_starts(tail, "xref\n"))
        return "its cross-reference is a stream; a table is needed (PDF 1.4)";
    size_t at, end;
    if (!str_find(tail, STR("trailer"), &at)) return "it has no trailer";
    str dictionary = str_slice(tail, at, tail.len);
    if (!str_find(dictionary, STR("startxref"), &end)) return "it has no trailer";
    dictionary = str_slice(dictionary, 0, end);
    if (!num_parse_int(find_value(dictionary, STR("/Size")), &trailer->size) ||
        trailer->size <= 0 || trailer->size > 100000000)
        return "its trailer has no /Size";
    trailer->root = find_value(dictionary, STR("/Root"));
    trailer->info = find_value(dictionary, STR("/Info"));
    if (!is_reference(trailer->root)) return "its trailer has no /Root";
    if (trailer->info.len > 0 && !is_reference(trailer->info))
        return "its trailer has an odd /Info";
    return NULL;
}

static void put_object_head(struct buf *out, int64_t number, size_t length)
{
    buf_printf(
        out,
        "%lld 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fjson /Length %zu >>\nstream\n",
        (long long)number, length);
}

/* The one way to write the section after `pdf`. */
static void put_update(struct buf *out, size_t pdf_length, const struct trailer *trailer, str json)
{
    size_t start = out->len;
    put_object_head(out, trailer->size, json.len);
    buf_put_str(out, json);
    buf_puts(out, "\nendstream\nendobj\n");
    size_t table = pdf_length + (out->len - start);
    buf_printf(out, "xref\n%lld 1\n%010zu 00000 n \ntrailer\n<< /Size %lld /Root %.*s",
               (long long)trailer->size, pdf_length, (long long)trailer->size + 1,
               STR_ARG(trailer->root));
    if (trailer->info.len > 0) buf_printf(out, " /Info %.*s", STR_ARG(trailer->info));
    buf_printf(out, " /TanshuReceipt %lld 0 R /Prev %lld >>\nstartxref\n%zu\n%s",
               (long long)trailer->size, (long long)trailer->prev, table, eof_mark);
}

static bool number_allowed(str number)
{
    if (number.len == 0 || number.len > TRUST_REPORT_NUMBER_MAX) return false;
    for (size_t i = 0; i < number.len; i++)
        if (number.ptr[i] <= 0x20 || number.ptr[i] > 0x7e) return false;
    return true;
}

bool trust_pdf_append_receipt(struct arena *arena, str pdf, str number,
                              const struct log_receipt *receipt, const struct note_verifier *signer,
                              str *signed_pdf, struct error *err)
{
    struct trailer trailer;
    if (receipt->state != LOG_SIGNED) return error_set(err, ERROR_TRUST_RECEIPT_UNSIGNED, "");
    if (pdf.len > TRUST_REPORT_BYTES_MAX)
        return error_set(err, ERROR_TRUST_PDF, "s", "it is larger than 64 MiB");
    if (!number_allowed(number))
        return error_set(err, ERROR_TRUST_PDF, "s",
                         "its number must be 1 to 64 printable characters, no blanks");
    const char *odd = read_trailer(pdf, &trailer);
    if (odd != NULL) return error_set(err, ERROR_TRUST_PDF, "s", odd);
    if (!digest_equal(trust_report_content(pdf, number), receipt->content))
        return error_set(err, ERROR_TRUST_PDF, "s",
                         "its bytes or number are not those of the leaf");
    struct buf *out = buf_new(arena);
    buf_put_str(out, pdf);
    put_update(out, pdf.len, &trailer, trust_receipt_json(arena, receipt, number, signer));
    *signed_pdf = buf_str(out);
    return true;
}

/* ---- the verdict
 * --------------------------------------------------------------------------------- */

/* Splits a file into the report's own bytes and the receipt's JSON, or says that it has none. */
static bool split(struct arena *arena, str file, str *pdf, str *json)
{
    int64_t table, start, length;
    if (file.len > TRUST_REPORT_BYTES_MAX + RECEIPT_BYTES_MAX || !read_startxref(file, &table) ||
        table < 0 || (uint64_t)table >= file.len)
        return false;
    str tail = str_slice(file, (size_t)table, file.len), line;
    if (!str_cut(&tail, '\n', &line) || !str_is(line, "xref") || !str_cut(&tail, '\n', &line) ||
        !str_ends(line, " 1") || !str_cut(&tail, '\n', &line) || line.len != 19 ||
        !num_parse_int(str_slice(line, 0, 10), &start) || start < 0 || start >= table)
        return false;
    str object = str_slice(file, (size_t)start, (size_t)table), body = object;
    size_t at;
    if (!str_find(object, STR("/Length "), &at) || at > 100) return false;
    body = str_slice(object, at + strlen("/Length "), object.len);
    if (!str_cut(&body, ' ', &line) || !num_parse_int(line, &length) || length < 0 ||
        !str_starts(body, ">>\nstream\n"))
        return false;
    body = str_slice(body, strlen(">>\nstream\n"), body.len);
    if ((uint64_t)length > body.len) return false;
    *pdf = str_slice(file, 0, (size_t)start);
    *json = str_copy(arena, str_slice(body, 0, (size_t)length));
    return true;
}

/* Exactly the two signatures that our log makes, by one key, both good. A key that bears a trusted
 * name and id but does not verify is tampering; a name or id that nobody trusts is an unknown
 * signer. */
static bool signer_of(const struct note *note, const struct note_verifier *verifier,
                      int64_t *time_s, struct error *err)
{
    struct note_verifier cosigner = note_verifier_as(verifier, NOTE_COSIGNATURE);
    if (note->count != 2)
        return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", "number of signatures");
    enum note_outcome first = note_verify(note, verifier, NULL),
                      second = note_verify(note, &cosigner, time_s);
    if (first == NOTE_BAD || second == NOTE_BAD)
        return error_set(err, ERROR_TRUST_NOTE_BAD, "S", verifier->name);
    if (first == NOTE_GOOD && second == NOTE_GOOD && note->signatures[0].id == verifier->id)
        return true;
    return error_set(err, ERROR_TRUST_NOTE_UNKNOWN, "S", note->signatures[0].name);
}

static bool judge(struct arena *arena, str file, const struct trust_roots *roots,
                  struct trust_verdict *verdict, struct error *err)
{
    str pdf, json, number, vkey;
    struct log_receipt receipt;
    struct trailer trailer;
    if (!split(arena, file, &pdf, &json)) return error_set(err, ERROR_TRUST_RECEIPT_ABSENT, "");
    if (!trust_receipt_read(arena, json, &receipt, &number, &vkey, err)) return false;
    if (!str_is(receipt.kind, "report"))
        return error_set(err, ERROR_TRUST_RECEIPT_KIND, "S", receipt.kind);
    if (vkey.len == 0) return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", "key");
    if (!number_allowed(number)) return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", "report");
    if (!digest_equal(trust_report_content(pdf, number), receipt.content))
        return error_set(err, ERROR_TRUST_RECEIPT_LEAF, "");
    if (read_trailer(pdf, &trailer) != NULL) return error_set(err, ERROR_TRUST_RECEIPT_LEAF, "");
    struct buf *again = buf_new(arena);
    put_update(again, pdf.len, &trailer, json);
    str section = str_slice(file, pdf.len, file.len);
    if (!str_equal(buf_str(again), section)) {
        size_t at = 0;
        while (at < section.len && at < again->len && section.ptr[at] == again->ptr[at]) at++;
        return error_set(err, ERROR_TRUST_RECEIPT_BYTES, "i", (int64_t)(pdf.len + at));
    }
    digest leaf = log_commitment(receipt.salt, receipt.kind, receipt.content);
    if (!merkle_verify_inclusion(merkle_leaf((str){(const char *)leaf.bytes, DIGEST_BYTES}),
                                 receipt.index, receipt.checkpoint.size, receipt.proof,
                                 receipt.proof_count, receipt.checkpoint.root))
        return error_set(err, ERROR_TRUST_RECEIPT_PROOF, "");
    struct note note;
    struct checkpoint checkpoint;
    struct note_verifier signer;
    int64_t time_s = 0;
    if (!note_read(arena, receipt.checkpoint.note, &note, err) ||
        !checkpoint_read(arena, note.text, &checkpoint, err) ||
        !note_verifier_read(arena, vkey, &signer, err))
        return false;
    if (signer.type != NOTE_ED25519 || !str_equal(checkpoint.origin, signer.name))
        return error_set(err, ERROR_TRUST_RECEIPT_FIELD, "s", "key");
    if (!signer_of(&note, &signer, &time_s, err)) return false;
    /* Whole in itself. Is the signer one of ours? */
    bool trusted = false;
    for (size_t i = 0; i < roots->count; i++)
        trusted =
            trusted || (roots->list[i].type == NOTE_ED25519 && roots->list[i].id == signer.id &&
                        str_equal(roots->list[i].name, signer.name) &&
                        memcmp(roots->list[i].key, signer.key, NOTE_PUBLIC_BYTES) == 0);
    *verdict = (struct trust_verdict){.answer = trusted ? TRUST_YES : TRUST_UNKNOWN_SIGNER,
                                      .checkpoint_ms = time_s * 1000,
                                      .origin = checkpoint.origin,
                                      .number = number,
                                      .key = vkey,
                                      .index = receipt.index,
                                      .size = checkpoint.size};
    if (!trusted) error_set(&verdict->reason, ERROR_TRUST_RECEIPT_SIGNER, "S", vkey);
    return true;
}

void trust_verify_report(struct arena *arena, str pdf, const struct trust_roots *roots,
                         struct trust_verdict *verdict)
{
    CHECK(sodium_init() >= 0);
    struct error reason;
    *verdict = (struct trust_verdict){.answer = TRUST_NO};
    if (!judge(arena, pdf, roots, verdict, &reason)) verdict->reason = reason;
}
