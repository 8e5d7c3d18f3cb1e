#include "intake_fuzz.h"

#include "base/buf.h"
#include "intake/frame.h"
#include "intake/parse.h"

struct watch {
    struct arena *arena;
    struct buf *frames;
    struct frame_reader reader;
    uint32_t last_row;
};

/* What a child would say is given to the parent's reader, which must accept it. */
static void pass(struct watch *watch)
{
    struct error err = {0};
    str frame = buf_str(watch->frames);
    CHECK(frame_take(&watch->reader, (unsigned char)frame.ptr[4], str_slice(frame, 5, frame.len),
                     &err));
    watch->frames->len = 0;
}

static bool watch_begin(void *arg, const struct intake_book *book, struct error *err)
{
    struct watch *watch = arg;
    (void)err;
    size_t begun = frame_begin(watch->frames, FRAME_BEGIN);
    frame_put_u8(watch->frames, book->format);
    frame_put_u8(watch->frames, book->encoding);
    frame_put_u8(watch->frames, (unsigned char)book->separator);
    frame_end(watch->frames, begun);
    pass(watch);
    return true;
}

static bool watch_sheet(void *arg, str name, bool hidden, struct error *err)
{
    struct watch *watch = arg;
    (void)err;
    size_t begun = frame_begin(watch->frames, FRAME_SHEET);
    frame_put_u8(watch->frames, hidden);
    frame_put_text(watch->frames, name);
    frame_end(watch->frames, begun);
    pass(watch);
    watch->last_row = 0;
    return true;
}

static bool watch_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct watch *watch = arg;
    (void)err;
    CHECK(row->number > watch->last_row);
    watch->last_row = row->number;
    frame_put_row(watch->frames, row);
    pass(watch);
    return true;
}

static bool watch_merged(void *arg, const struct intake_range *range, struct error *err)
{
    (void)arg, (void)err;
    CHECK(range->first_row <= range->last_row && range->first_column <= range->last_column);
    return true;
}

static bool ignore_begin(void *arg, const struct intake_book *book, struct error *err)
{
    (void)arg, (void)book, (void)err;
    return true;
}

static bool ignore_sheet(void *arg, str name, bool hidden, struct error *err)
{
    (void)arg, (void)name, (void)hidden, (void)err;
    return true;
}

static bool ignore_row(void *arg, const struct intake_row *row, struct error *err)
{
    (void)arg, (void)err;
    CHECK(row->count > 0);
    return true;
}

int fuzz_parse(enum fuzz_parser parser, str bytes)
{
    static iconv_t converter;
    if (converter == NULL) converter = iconv_open("UTF-8", "GB18030");
    CHECK(converter != (iconv_t)-1);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)INTAKE_MAX_memory_bytes);
    const struct intake_sink taken = {NULL, ignore_begin, ignore_sheet, ignore_row, watch_merged};
    struct watch watch = {.arena = arena, .frames = buf_new(arena)};
    watch.reader = (struct frame_reader){
        .sink = &taken,
        .greeted = true,
        .cells = ARENA_NEW_ARRAY(arena, struct intake_cell, INTAKE_MAX_columns)};
    struct intake_sink sink = {&watch, watch_begin, watch_sheet, watch_row, watch_merged};
    struct parse parse = {.sink = &sink, .gb18030 = converter, .arena = arena};
    struct error err = {0};
    bool good =
        parser == FUZZ_CSV ? parse_csv(&parse, bytes, &err) : parse_xlsx(&parse, bytes, &err);
    CHECK(good == (err.code == ERROR_NONE));
    return 0;
}
