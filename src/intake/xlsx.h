/* Inside intake: the parts of a workbook (ECMA-376) that the two XLSX files share. */
#ifndef INTAKE_XLSX_H
#define INTAKE_XLSX_H

#include <expat.h>
#include <zip.h>

#include "intake/parse.h"

enum xlsx_format {
    XLSX_PLAIN,
    XLSX_DATE,    /* shows a date or a time of day */
    XLSX_PERCENT, /* shows the number times a hundred with a percent sign */
};

struct xlsx {
    struct parse *parse;
    struct arena *arena;
    zip_t *zip;
    int64_t bytes_unpacked;
    str *strings; /* the shared strings */
    size_t string_count, string_capacity;
    unsigned char *formats; /* per cell format: enum xlsx_format */
    size_t format_count, format_capacity;
    bool since_1904;
};

/* One part being read by expat. Handlers set `error` through xlsx_fail, which stops the parser. */
struct xlsx_part {
    struct xlsx *xlsx;
    XML_Parser parser;
    const char *name;
    int depth;
    struct error error;
    void *state;
    void (*start)(struct xlsx_part *part, const char *name, const char **attributes);
    void (*end)(struct xlsx_part *part, const char *name);
    void (*text)(struct xlsx_part *part, str text);
};
void xlsx_fail(struct xlsx_part *part); /* after part->error is set */
/* Reads a part whole; `*found` false (and true returned) when there is none of that name. */
bool xlsx_read_part(struct xlsx_part *part, bool *found, struct error *err) NODISCARD;
/* The attribute of that local name, or NULL. */
const char *xlsx_attribute(const char **attributes, const char *name);
/* What a number format shows. */
enum xlsx_format xlsx_format_of(const char *code);

bool xlsx_read_sheet(struct xlsx *xlsx, const char *part_name, struct error *err) NODISCARD;

#endif
