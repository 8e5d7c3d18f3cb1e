#include "report/xlsx.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"

static lxw_datetime datetime_of(date day)
{
    int year, month, d;
    date_split(day, &year, &month, &d);
    return (lxw_datetime){year, month, d, 0, 0, 0};
}

/* Sheet names: at most 31 characters, none of []:*?/\, no apostrophe at the ends. */
static char *sheet_name(struct arena *arena, str name)
{
    size_t end = 0, characters = 0;
    for (size_t at = 0; at < name.len && characters < 31; characters++) {
        utf8_next(name, &at);
        end = at;
    }
    char *out = str_dup(arena, str_slice(name, 0, end));
    for (char *c = out; *c; c++)
        if (strchr("[]:*?/\\'", *c) || (unsigned char)*c < 0x20) *c = ' ';
    return out;
}

/* At most what a cell may hold; control characters that XML can't carry become spaces. */
static char *cell_text(struct arena *arena, str text)
{
    size_t end = 0, characters = 0;
    for (size_t at = 0; at < text.len && characters < XLSX_CELL_CHARS_MAX; characters++) {
        utf8_next(text, &at);
        end = at;
    }
    char *out = str_dup(arena, str_slice(text, 0, end));
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 && *c != '\t' && *c != '\n') *c = ' ';
    return out;
}

static char *column_title(struct arena *arena, const struct sheet_column *column)
{
    if (!column->unit.len) return cell_text(arena, column->name);
    return cell_text(arena, str_from(arena_printf(arena, "%.*s (%.*s)", STR_ARG(column->name),
                                                  STR_ARG(column->unit))));
}

static lxw_format *column_format(struct arena *arena, lxw_workbook *book,
                                 const struct sheet_column *column)
{
    static const char zeros[] = "000000000";
    int decimals = column->decimals < 0 ? 0 : column->decimals > 9 ? 9 : column->decimals;
    lxw_format *format = workbook_add_format(book);
    const char *point = decimals ? "." : "", *digits = zeros + 9 - decimals;
    switch (column->type) {
    case SHEET_TEXT: format_set_num_format(format, "@"); break;
    case SHEET_NUMBER:
        format_set_num_format(format, arena_printf(arena, "#,##0%s%s", point, digits));
        break;
    case SHEET_PERCENT:
        format_set_num_format(format, arena_printf(arena, "0%s%s%%", point, digits));
        break;
    case SHEET_DATE: format_set_num_format(format, "yyyy-mm-dd"); break;
    }
    return format;
}

static lxw_error put_cell(struct arena *arena, lxw_worksheet *to, lxw_row_t row, lxw_col_t c,
                          const struct sheet_column *column, const struct sheet_cell *cell,
                          lxw_format *format)
{
    if (cell->empty) return LXW_NO_ERROR;
    if (column->type == SHEET_TEXT)
        return worksheet_write_string(to, row, c, cell_text(arena, cell->text), format);
    if (column->type == SHEET_DATE) {
        lxw_datetime day = datetime_of(cell->day);
        return worksheet_write_datetime(to, row, c, &day, format);
    }
    if (!isfinite(cell->number)) return LXW_NO_ERROR; /* a gap, not a number of its own */
    return worksheet_write_number(to, row, c, cell->number, format);
}

static lxw_error put_sheet(struct arena *arena, lxw_workbook *book, const struct sheet *sheet,
                           lxw_format *head, lxw_format *title, lxw_format *note)
{
    lxw_worksheet *to = workbook_add_worksheet(book, sheet_name(arena, sheet->name));
    if (!to) return LXW_ERROR_SHEETNAME_ALREADY_USED;
    lxw_error error = LXW_NO_ERROR;
    lxw_row_t row = 0;
    if (sheet->title.len)
        error = worksheet_write_string(to, row++, 0, cell_text(arena, sheet->title), title);
    lxw_format **formats = ARENA_NEW_ARRAY(arena, lxw_format *, sheet->columns_count);
    for (size_t c = 0; c < sheet->columns_count && !error; c++) {
        const struct sheet_column *column = &sheet->columns[c];
        char *name = column_title(arena, column);
        double width =
            column->width_chars ? column->width_chars : fmax(12, (double)strlen(name) * 0.75 + 3);
        formats[c] = column_format(arena, book, column);
        worksheet_set_column(to, (lxw_col_t)c, (lxw_col_t)c, fmin(width, 60), NULL);
        error = worksheet_write_string(to, row, (lxw_col_t)c, name, head);
    }
    worksheet_freeze_panes(to, ++row, 0);
    for (size_t r = 0; r < sheet->rows_count && !error; r++, row++)
        for (size_t c = 0; c < sheet->columns_count && !error; c++)
            error = put_cell(arena, to, row, (lxw_col_t)c, &sheet->columns[c],
                             &sheet->cells[r * sheet->columns_count + c], formats[c]);
    if (!error && sheet->source_note.len)
        error = worksheet_write_string(to, row + 1, 0, cell_text(arena, sheet->source_note), note);
    worksheet_set_landscape(to);
    worksheet_set_paper(to, 9); /* A4 */
    worksheet_fit_to_pages(to, 1, 0);
    return error;
}

static lxw_format *format_with(lxw_workbook *book, bool bold, double size, bool header)
{
    lxw_format *format = workbook_add_format(book);
    if (bold) format_set_bold(format);
    if (size > 0) format_set_font_size(format, size);
    if (header) {
        format_set_bg_color(format, 0xE6EFEE);
        format_set_bottom(format, LXW_BORDER_THIN);
        format_set_text_wrap(format);
        format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    }
    return format;
}

static bool check_limits(const struct sheet *sheets, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (sheets[i].rows_count > XLSX_ROWS_MAX)
            return error_set(err, ERROR_LIMIT, "iis", (int64_t)sheets[i].rows_count,
                             (int64_t)XLSX_ROWS_MAX, "rows of a sheet");
        if (sheets[i].columns_count > XLSX_COLUMNS_MAX)
            return error_set(err, ERROR_LIMIT, "iis", (int64_t)sheets[i].columns_count,
                             (int64_t)XLSX_COLUMNS_MAX, "columns of a sheet");
    }
    return true;
}

static bool read_back(struct arena *arena, int fd, str *bytes, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info)) return error_set(err, ERROR_REPORT_XLSX, "s", error_reason(errno));
    size_t size = (size_t)info.st_size, done = 0;
    char *copy = arena_alloc(arena, size + 1);
    while (done < size) {
        ssize_t got = pread(fd, copy + done, size - done, (off_t)done);
        if (got <= 0) return error_set(err, ERROR_REPORT_XLSX, "s", "short read");
        done += (size_t)got;
    }
    *bytes = (str){copy, size};
    return true;
}

bool xlsx_write(struct arena *arena, const struct sheet *sheets, size_t count, str title,
                int64_t created_ms, str *bytes, struct error *err)
{
    if (!check_limits(sheets, count, err)) return false;
    /* The writer knows files only: one in memory, that no other process can find. */
    SCOPED(file_close_scoped) int fd = memfd_create("sheet", MFD_CLOEXEC);
    if (fd < 0) return error_set(err, ERROR_REPORT_XLSX, "s", error_reason(errno));
    lxw_workbook *book = workbook_new(arena_printf(arena, "/proc/self/fd/%d", fd));
    if (!book) return error_set(err, ERROR_REPORT_XLSX, "s", "workbook_new");
    lxw_doc_properties properties = {.title = str_dup(arena, title),
                                     .created = (time_t)(created_ms / 1000)};
    workbook_set_properties(book, &properties);
    lxw_format *head = format_with(book, true, 0, true);
    lxw_format *big = format_with(book, true, 14, false);
    lxw_format *note = format_with(book, false, 9, false);
    format_set_italic(note);
    lxw_error error = LXW_NO_ERROR;
    for (size_t i = 0; i < count && !error; i++)
        error = put_sheet(arena, book, &sheets[i], head, big, note);
    lxw_error closed = workbook_close(book); /* frees the workbook in any case */
    if (!error) error = closed;
    if (error) return error_set(err, ERROR_REPORT_XLSX, "s", lxw_strerror(error));
    return read_back(arena, fd, bytes, err);
}

static str csv_cell(struct arena *arena, const struct sheet_column *column,
                    const struct sheet_cell *cell)
{
    char text[NUM_TEXT_MAX > DATE_TEXT_MAX ? NUM_TEXT_MAX : DATE_TEXT_MAX];
    if (cell->empty) return STR("");
    if (column->type == SHEET_TEXT) return cell->text;
    if (column->type == SHEET_DATE) {
        date_format(cell->day, text);
    } else {
        if (!isfinite(cell->number)) return STR("");
        num_format(cell->number, text);
    }
    return str_from(arena_strdup(arena, text));
}

void sheet_write_csv(struct arena *arena, const struct sheet *sheet, str *bytes)
{
    struct buf *out = buf_new(arena);
    buf_puts(out, "\xEF\xBB\xBF");
    for (size_t c = 0; c < sheet->columns_count; c++)
        csv_put_safe(out, str_from(column_title(arena, &sheet->columns[c])), c == 0);
    csv_end_row(out);
    for (size_t r = 0; r < sheet->rows_count; r++) {
        for (size_t c = 0; c < sheet->columns_count; c++) {
            const struct sheet_column *column = &sheet->columns[c];
            str text = csv_cell(arena, column, &sheet->cells[r * sheet->columns_count + c]);
            /* our own numbers may begin with a minus; only texts can be formulas */
            if (column->type == SHEET_TEXT)
                csv_put_safe(out, text, c == 0);
            else
                csv_put(out, text, c == 0);
        }
        csv_end_row(out);
    }
    *bytes = buf_str(out);
}
