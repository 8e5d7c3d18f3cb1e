/* A workbook: a ZIP of XML parts. This file finds the sheets, shared texts and date formats;
 * xlsx_sheet.c reads the cells. Only named parts are unpacked, streaming, with every size counted.
 */
#include "intake/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "intake/reason.h"

#define CHUNK_BYTES 65536
#define RATIO_FREE_BYTES ((int64_t)1 << 20)

/* ---- parts --------------------------------------------------------------------------------- */

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(local_name(attributes[i]), name) == 0) return attributes[i + 1];
    return NULL;
}

void xlsx_fail(struct xlsx_part *part)
{
    XML_StopParser(part->parser, XML_FALSE);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct xlsx_part *part = arg;
    if (part->error.code != ERROR_NONE) return;
    if (++part->depth > INTAKE_MAX_xml_depth) {
        parse_over_limit(part->name, "xml_depth", &part->error);
        xlsx_fail(part);
        return;
    }
    part->start(part, local_name(name), attributes);
}

static void on_end(void *arg, const char *name)
{
    struct xlsx_part *part = arg;
    if (part->error.code != ERROR_NONE) return;
    part->depth--;
    if (part->end != NULL) part->end(part, local_name(name));
}

static void on_text(void *arg, const char *text, int length)
{
    struct xlsx_part *part = arg;
    if (part->error.code == ERROR_NONE && part->text != NULL)
        part->text(part, (str){text, (size_t)length});
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public_id,
                       int subset)
{
    struct xlsx_part *part = arg;
    (void)name, (void)system, (void)public_id, (void)subset;
    error_set(&part->error, ERROR_INTAKE_DOCTYPE, "s", part->name);
    xlsx_fail(part);
}

/* Expat's memory, counted: the parser runs out long before the process does. */
static int64_t counted_bytes;

static void *counted_alloc(size_t bytes)
{
    if (bytes > (size_t)INTAKE_MAX_memory_bytes ||
        counted_bytes + (int64_t)bytes > INTAKE_MAX_memory_bytes)
        return NULL;
    size_t *block = calloc(1, bytes + 16);
    if (block == NULL) return NULL;
    *block = bytes;
    counted_bytes += (int64_t)bytes;
    return (char *)block + 16;
}

static void counted_free(void *memory)
{
    if (memory == NULL) return;
    size_t *block = (size_t *)(void *)((char *)memory - 16);
    counted_bytes -= (int64_t)*block;
    free(block);
}

static void *counted_resize(void *memory, size_t bytes)
{
    if (memory == NULL) return counted_alloc(bytes);
    size_t old = *(size_t *)(void *)((char *)memory - 16);
    void *fresh = counted_alloc(bytes);
    if (fresh == NULL) return NULL;
    memcpy(fresh, memory, size_min(old, bytes));
    counted_free(memory);
    return fresh;
}

static bool part_failed(struct xlsx_part *part, struct error *err)
{
    if (part->error.code != ERROR_NONE) {
        *err = part->error;
        return false;
    }
    enum XML_Error code = XML_GetErrorCode(part->parser);
    if (code == XML_ERROR_NO_MEMORY) return parse_over_limit(part->name, "memory_bytes", err);
    return error_set(err, ERROR_INTAKE_XML, "sis", part->name,
                     (int64_t)XML_GetCurrentLineNumber(part->parser), xml_reason(code));
}

static bool feed_part(struct xlsx_part *part, zip_file_t *file, const zip_stat_t *stat,
                      struct error *err)
{
    struct xlsx *xlsx = part->xlsx;
    int64_t size = 0, packed = stat->comp_size < INT64_MAX ? (int64_t)stat->comp_size : INT64_MAX;
    for (;;) {
        void *chunk = XML_GetBuffer(part->parser, CHUNK_BYTES);
        if (chunk == NULL) return parse_over_limit(part->name, "memory_bytes", err);
        zip_int64_t got = zip_fread(file, chunk, CHUNK_BYTES);
        if (got < 0)
            return error_set(err, ERROR_INTAKE_TRUNCATED, "s",
                             zip_reason(zip_file_get_error(file)));
        size += got;
        xlsx->bytes_unpacked += got;
        /* The sizes that the archive declares may lie; what comes out does not. */
        if (xlsx->bytes_unpacked > INTAKE_MAX_zip_bytes ||
            (size > RATIO_FREE_BYTES && size / INTAKE_MAX_zip_ratio > packed))
            return error_set(err, ERROR_INTAKE_ZIP_BOMB, "sii", part->name, INTAKE_MAX_zip_ratio,
                             INTAKE_MAX_zip_bytes);
        if (XML_ParseBuffer(part->parser, (int)got, got == 0) != XML_STATUS_OK)
            return part_failed(part, err);
        if (got == 0) return true;
    }
}

bool xlsx_read_part(struct xlsx_part *part, bool *found, struct error *err)
{
    static const XML_Memory_Handling_Suite memory = {counted_alloc, counted_resize, counted_free};
    zip_stat_t stat;
    *found = zip_stat(part->xlsx->zip, part->name, ZIP_FL_NOCASE, &stat) == 0;
    if (!*found) return true;
    zip_file_t *file = zip_fopen_index(part->xlsx->zip, stat.index, 0);
    if (file == NULL)
        return error_set(err, ERROR_INTAKE_TRUNCATED, "s",
                         zip_reason(zip_get_error(part->xlsx->zip)));
    part->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    bool good = false;
    if (part->parser == NULL) {
        parse_over_limit(part->name, "memory_bytes", err);
    } else {
        XML_SetUserData(part->parser, part);
        XML_SetElementHandler(part->parser, on_start, on_end);
        XML_SetCharacterDataHandler(part->parser, on_text);
        XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
        good = feed_part(part, file, &stat, err);
        XML_ParserFree(part->parser);
    }
    zip_fclose(file);
    return good;
}

/* ---- relations and the list of sheets ------------------------------------------------------ */

struct relation {
    const char *id, *type, *target;
};

struct relations {
    struct relation *list;
    size_t count, capacity;
    const char *folder;
};

/* Resolves a target such as "worksheets/sheet1.xml", "/xl/styles.xml" or "../x.xml". */
static const char *resolve(struct arena *arena, const char *folder, const char *target)
{
    if (target[0] == '/') return arena_strdup(arena, target + 1);
    char *base = arena_strdup(arena, folder);
    while (strncmp(target, "../", 3) == 0) {
        target += 3;
        size_t length = strlen(base);
        if (length > 0) base[--length] = '\0';
        while (length > 0 && base[length - 1] != '/') base[--length] = '\0';
    }
    return arena_printf(arena, "%s%s", base, target);
}

static void relation_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct relations *relations = part->state;
    struct arena *arena = part->xlsx->arena;
    if (strcmp(name, "Relationship") != 0) return;
    const char *id = xlsx_attribute(attributes, "Id"), *type = xlsx_attribute(attributes, "Type");
    const char *target = xlsx_attribute(attributes, "Target");
    if (id == NULL || type == NULL || target == NULL || relations->count > 1000) return;
    const char *slash = strrchr(type, '/');
    struct relation *r = ARENA_PUSH(arena, relations->list, relations->count, relations->capacity);
    r->id = arena_strdup(arena, id);
    r->type = arena_strdup(arena, slash != NULL ? slash + 1 : type);
    r->target = resolve(arena, relations->folder, target);
}

static bool read_relations(struct xlsx *xlsx, const char *part_name, const char *folder,
                           struct relations *relations, struct error *err)
{
    bool found;
    *relations = (struct relations){.folder = folder};
    struct xlsx_part part = {
        .xlsx = xlsx, .name = part_name, .state = relations, .start = relation_start};
    if (!xlsx_read_part(&part, &found, err)) return false;
    return found || error_set(err, ERROR_INTAKE_TRUNCATED, "s", part_name);
}

static const char *relation_target(const struct relations *relations, const char *id,
                                   const char *type)
{
    for (size_t i = 0; i < relations->count; i++)
        if ((id == NULL || strcmp(relations->list[i].id, id) == 0) &&
            strcmp(relations->list[i].type, type) == 0)
            return relations->list[i].target;
    return NULL;
}

struct listed_sheet {
    const char *name, *relation;
    bool hidden;
};

struct sheet_list {
    struct listed_sheet *list;
    size_t count, capacity;
};

static void workbook_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct sheet_list *sheets = part->state;
    struct arena *arena = part->xlsx->arena;
    if (strcmp(name, "workbookPr") == 0) {
        const char *since = xlsx_attribute(attributes, "date1904");
        part->xlsx->since_1904 =
            since != NULL && (strcmp(since, "1") == 0 || strcmp(since, "true") == 0);
    }
    if (strcmp(name, "sheet") != 0) return;
    const char *title = xlsx_attribute(attributes, "name"),
               *state = xlsx_attribute(attributes, "state");
    const char *relation = xlsx_attribute(attributes, "id");
    if (title == NULL || relation == NULL) return;
    if ((int64_t)sheets->count == INTAKE_MAX_sheets || strlen(title) > 1024) {
        parse_over_limit(part->name, "sheets", &part->error);
        xlsx_fail(part);
        return;
    }
    *ARENA_PUSH(arena, sheets->list, sheets->count, sheets->capacity) =
        (struct listed_sheet){arena_strdup(arena, title), arena_strdup(arena, relation),
                              state != NULL && strcmp(state, "visible") != 0};
}

/* ---- shared texts -------------------------------------------------------------------------- */

struct strings_state {
    struct buf *text;
    bool in_item, in_text;
    int phonetic; /* inside <rPh>: the reading of a Chinese or Japanese text, not the text */
};

static void strings_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct strings_state *state = part->state;
    (void)attributes;
    if (strcmp(name, "si") == 0) {
        state->in_item = true;
        state->text->len = 0;
    }
    state->phonetic += strcmp(name, "rPh") == 0;
    if (strcmp(name, "t") == 0) state->in_text = state->in_item && state->phonetic == 0;
}

static void strings_text(struct xlsx_part *part, str text)
{
    struct strings_state *state = part->state;
    if (!state->in_text) return;
    if ((int64_t)(state->text->len + text.len) > INTAKE_MAX_cell_bytes) {
        parse_over_limit(part->name, "cell_bytes", &part->error);
        xlsx_fail(part);
        return;
    }
    buf_put_str(state->text, text);
}

static void strings_end(struct xlsx_part *part, const char *name)
{
    struct strings_state *state = part->state;
    struct xlsx *xlsx = part->xlsx;
    if (strcmp(name, "t") == 0) state->in_text = false;
    state->phonetic -= strcmp(name, "rPh") == 0 && state->phonetic > 0;
    if (strcmp(name, "si") != 0) return;
    state->in_item = false;
    const char *limit = NULL;
    if ((int64_t)xlsx->string_count == INTAKE_MAX_shared_strings)
        limit = "shared_strings";
    else if ((int64_t)(arena_bytes_used(xlsx->arena) + state->text->len) >
             INTAKE_MAX_text_bytes * 2)
        limit = "text_bytes";
    if (limit != NULL) {
        parse_over_limit(part->name, limit, &part->error);
        xlsx_fail(part);
        return;
    }
    *ARENA_PUSH(xlsx->arena, xlsx->strings, xlsx->string_count, xlsx->string_capacity) =
        str_copy(xlsx->arena, buf_str(state->text));
}

/* ---- number formats ---------------------------------------------------------------------------
 */

enum xlsx_format xlsx_format_of(const char *code)
{
    /* Quoted text, escaped characters and brackets ([Red], [$-804]) are not the format itself,
     * but [h], [m], [s] are spans of time. ECMA-376 part 1, 18.8.31. */
    for (const char *c = code; *c != '\0'; c++) {
        if (*c == '"') {
            c = strchr(c + 1, '"');
            if (c == NULL) return XLSX_PLAIN;
        } else if (*c == '\\' || *c == '_' || *c == '*') {
            if (c[1] != '\0') c++;
        } else if (*c == '[') {
            if (strchr("hHmMsS", c[1]) != NULL && c[1] != '\0' && c[2] == ']') return XLSX_DATE;
            c = strchr(c, ']');
            if (c == NULL) return XLSX_PLAIN;
        } else if (strchr("yYdDhHmMsS", *c) != NULL) {
            return XLSX_DATE;
        } else if (*c == '%') {
            return XLSX_PERCENT;
        } else if (strncmp(c, "General", 7) == 0) {
            c += 6;
        }
    }
    return XLSX_PLAIN;
}

static enum xlsx_format builtin_format(int64_t id)
{
    if (id == 9 || id == 10) return XLSX_PERCENT;
    bool shows_date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
                      (id >= 50 && id <= 58);
    return shows_date ? XLSX_DATE : XLSX_PLAIN;
}

struct styles_state {
    struct format {
        int64_t id;
        enum xlsx_format shows;
    } * formats;
    size_t count, capacity;
    bool in_cell_formats;
};

static void styles_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct styles_state *state = part->state;
    struct xlsx *xlsx = part->xlsx;
    int64_t id = 0;
    const char *number = xlsx_attribute(attributes, "numFmtId");
    if (strcmp(name, "cellXfs") == 0) state->in_cell_formats = true;
    if (number == NULL || !num_parse_int(str_from(number), &id)) id = 0;
    if ((int64_t)(state->count + xlsx->format_count) > INTAKE_MAX_styles) {
        parse_over_limit(part->name, "styles", &part->error);
        xlsx_fail(part);
        return;
    }
    if (strcmp(name, "numFmt") == 0) {
        const char *code = xlsx_attribute(attributes, "formatCode");
        *ARENA_PUSH(xlsx->arena, state->formats, state->count, state->capacity) =
            (struct format){id, code != NULL ? xlsx_format_of(code) : XLSX_PLAIN};
    }
    if (strcmp(name, "xf") != 0 || !state->in_cell_formats) return;
    enum xlsx_format shows = builtin_format(id);
    for (size_t i = 0; i < state->count; i++)
        if (state->formats[i].id == id) shows = state->formats[i].shows;
    *ARENA_PUSH(xlsx->arena, xlsx->formats, xlsx->format_count, xlsx->format_capacity) =
        (unsigned char)shows;
}

static void styles_end(struct xlsx_part *part, const char *name)
{
    struct styles_state *state = part->state;
    if (strcmp(name, "cellXfs") == 0) state->in_cell_formats = false;
}

/* ---- the workbook ------------------------------------------------------------------------------
 */

static bool check_entries(struct xlsx *xlsx, struct error *err)
{
    zip_int64_t count = zip_get_num_entries(xlsx->zip, 0);
    if (count > INTAKE_MAX_zip_entries) return parse_over_limit("XLSX", "zip_entries", err);
    int64_t total = 0;
    for (zip_int64_t i = 0; i < count; i++) {
        zip_stat_t stat;
        if (zip_stat_index(xlsx->zip, (zip_uint64_t)i, 0, &stat) != 0)
            return error_set(err, ERROR_INTAKE_TRUNCATED, "s",
                             zip_reason(zip_get_error(xlsx->zip)));
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
            return error_set(err, ERROR_INTAKE_PASSWORD, "");
        bool bomb = stat.size > (zip_uint64_t)INTAKE_MAX_zip_bytes;
        if (!bomb) {
            total += (int64_t)stat.size;
            bomb = total > INTAKE_MAX_zip_bytes ||
                   ((int64_t)stat.size > RATIO_FREE_BYTES &&
                    stat.size / (zip_uint64_t)INTAKE_MAX_zip_ratio > stat.comp_size);
        }
        if (bomb)
            return error_set(err, ERROR_INTAKE_ZIP_BOMB, "sii", stat.name != NULL ? stat.name : "?",
                             INTAKE_MAX_zip_ratio, INTAKE_MAX_zip_bytes);
    }
    return true;
}

static bool read_strings_and_styles(struct xlsx *xlsx, const struct relations *relations,
                                    struct error *err)
{
    bool found;
    const char *name = relation_target(relations, NULL, "sharedStrings");
    if (name != NULL) {
        struct strings_state state = {.text = buf_new(xlsx->arena)};
        struct xlsx_part part = {.xlsx = xlsx,
                                 .name = name,
                                 .state = &state,
                                 .start = strings_start,
                                 .end = strings_end,
                                 .text = strings_text};
        if (!xlsx_read_part(&part, &found, err)) return false;
    }
    name = relation_target(relations, NULL, "styles");
    if (name == NULL) return true;
    struct styles_state state = {0};
    struct xlsx_part part = {
        .xlsx = xlsx, .name = name, .state = &state, .start = styles_start, .end = styles_end};
    return xlsx_read_part(&part, &found, err);
}

static bool read_workbook(struct xlsx *xlsx, struct error *err)
{
    struct relations top, inner;
    struct sheet_list sheets = {0};
    bool found;
    if (!check_entries(xlsx, err) || !read_relations(xlsx, "_rels/.rels", "", &top, err))
        return false;
    const char *workbook = relation_target(&top, NULL, "officeDocument");
    if (workbook == NULL) return error_set(err, ERROR_INTAKE_BINARY, "s", "ZIP");
    const char *slash = strrchr(workbook, '/');
    const char *file = slash != NULL ? slash + 1 : workbook;
    const char *folder = arena_printf(xlsx->arena, "%.*s", (int)(file - workbook), workbook);
    const char *rels = arena_printf(xlsx->arena, "%s_rels/%s.rels", folder, file);
    struct xlsx_part part = {
        .xlsx = xlsx, .name = workbook, .state = &sheets, .start = workbook_start};
    if (!xlsx_read_part(&part, &found, err)) return false;
    if (!found) return error_set(err, ERROR_INTAKE_TRUNCATED, "s", workbook);
    if (!read_relations(xlsx, rels, folder, &inner, err) ||
        !read_strings_and_styles(xlsx, &inner, err))
        return false;
    struct intake_book book = {.format = INTAKE_XLSX};
    const struct intake_sink *sink = xlsx->parse->sink;
    if (!sink->begin(sink->arg, &book, err)) return false;
    for (size_t i = 0; i < sheets.count; i++) {
        const char *target = relation_target(&inner, sheets.list[i].relation, "worksheet");
        if (target == NULL) continue; /* a sheet that is only a chart */
        if (!sink->sheet(sink->arg, str_from(sheets.list[i].name), sheets.list[i].hidden, err) ||
            !xlsx_read_sheet(xlsx, target, err))
            return false;
    }
    return true;
}

bool parse_xlsx(struct parse *parse, str bytes, struct error *err)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *source = zip_source_buffer_create(bytes.ptr, bytes.len, 0, &failure);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &failure) : NULL;
    if (zip == NULL) {
        error_set(err, ERROR_INTAKE_TRUNCATED, "s", zip_reason(&failure));
        zip_source_free(source);
        zip_error_fini(&failure);
        return false;
    }
    struct xlsx xlsx = {.parse = parse, .arena = parse->arena, .zip = zip};
    bool good = read_workbook(&xlsx, err);
    zip_discard(zip);
    zip_error_fini(&failure);
    return good;
}
