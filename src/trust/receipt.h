/* A report's receipt: one appended PDF update of fixed grammar (doc/formats.md). The report's leaf
 * covers the bytes before it, and each byte of it follows from those bytes and the log, so that any
 * change shows. Verification needs no database. */
#ifndef TRUST_RECEIPT_H
#define TRUST_RECEIPT_H

#include "trust/key.h"
#include "trust/log.h"

#define TRUST_REPORT_BYTES_MAX ((size_t)64 << 20)
#define TRUST_REPORT_NUMBER_MAX 64

/* The content that a report's leaf commits to: its number and its bytes as rendered. */
digest trust_report_content(str pdf, str number);

/* A receipt as canonical JSON (doc/formats.md, "Receipt"); only when LOG_SIGNED. `number` and
 * `signer` may be empty and NULL for leaves that are no reports. */
str trust_receipt_json(struct arena *arena, const struct log_receipt *receipt, str number,
                       const struct note_verifier *signer);
/* Reads such JSON; refuses any that is not what trust_receipt_json writes. Nothing is verified yet.
 * Errors: TRUST_JSON, TRUST_JSON_CANONICAL, TRUST_RECEIPT_FIELD. `vkey` receives the key named, or
 * nothing. */
bool trust_receipt_read(struct arena *arena, str json, struct log_receipt *receipt, str *number,
                        str *vkey, struct error *err) NODISCARD;

/* The PDF with its receipt. `pdf` must be the very bytes given to trust_report_content, with a
 * classic cross-reference table (PDF 1.4, as cairo 1.16 writes it). `receipt` must be LOG_SIGNED.
 * Errors: TRUST_PDF (what is odd about it), TRUST_RECEIPT_UNSIGNED. */
bool trust_pdf_append_receipt(struct arena *arena, str pdf, str number,
                              const struct log_receipt *receipt, const struct note_verifier *signer,
                              str *signed_pdf, struct error *err) NODISCARD;

enum trust_answer { TRUST_NO, TRUST_YES, TRUST_UNKNOWN_SIGNER };
struct trust_verdict {
    enum trust_answer answer;
    struct error reason;     /* code NONE when yes; else what is wrong */
    int64_t checkpoint_ms;   /* the date the answer rests on; 0 when no */
    str origin, number, key; /* log, report number, vkey of the signer; empty when no */
    uint64_t index, size;    /* place of the leaf and size of the tree */
};
/* Is this a report as it was issued? Never fails: bytes of any kind get an answer. A key that is
 * not in `roots` gives TRUST_UNKNOWN_SIGNER at best. */
void trust_verify_report(struct arena *arena, str pdf, const struct trust_roots *roots,
                         struct trust_verdict *verdict);

#endif
