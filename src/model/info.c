/* What a model says of itself, as plain C text for callers. */
#include <stdlib.h>
#include <string.h>

#include "model/engine.h"

static const char *text_or_null(struct model *model, str text)
{
    return text.len == 0 ? NULL : str_dup(model->arena, text);
}

static struct model_text label_of(struct model *model, str en, str zh, str fallback)
{
    struct model_text text;
    text.en = str_dup(model->arena, en.len != 0 ? en : fallback);
    text.zh = zh.len != 0 ? str_dup(model->arena, zh) : text.en;
    return text;
}

static void fill_input(struct model *model, struct model_input *input, const struct definition *d)
{
    *input = (struct model_input){.name = str_dup(model->arena, d->name),
                                  .label = label_of(model, d->label, d->label_zh, d->name),
                                  .help = label_of(model, d->help, d->help_zh, (str){"", 0}),
                                  .type = d->type,
                                  .period = d->period,
                                  .from = text_or_null(model, d->from),
                                  .choices = d->choices,
                                  .choice_count = d->choice_count,
                                  .has_default = d->has_default,
                                  .default_value = d->default_value,
                                  .has_min = d->has_min,
                                  .has_max = d->has_max,
                                  .min = d->min,
                                  .max = d->max};
    input->uncertainty = text_or_null(model, d->spread_text);
    if (d->default_text.len != 0) input->default_text = str_dup(model->arena, d->default_text);
    if (d->type == MODEL_NUMBER && !d->per_row) input->unit = str_dup(model->arena, d->unit_text);
    if (d->index == NULL) return;
    input->index = str_dup(model->arena, d->index->name);
    input->key_count = d->index->count;
    struct model_key *keys = ARENA_NEW_ARRAY(model->arena, struct model_key, d->index->count + 1);
    for (size_t i = 0; i < d->index->count; i++) {
        keys[i] = d->index->keys[i];
        if (!d->per_row || keys[i].unit == NULL) {
            keys[i].unit = NULL;
            continue;
        }
        /* GJ/fuel.unit becomes GJ/t for a row in t. */
        char *row = arena_printf(model->arena, "%.*s.unit", STR_ARG(d->index->name));
        size_t at;
        if (!str_find(d->unit_text, str_from(row), &at)) continue;
        bool brackets = d->unit_text.len != strlen(row) && strpbrk(keys[i].unit, " */") != NULL;
        keys[i].unit = arena_printf(
            model->arena, brackets ? "%.*s(%s)%.*s" : "%.*s%s%.*s", (int)at, d->unit_text.ptr,
            keys[i].unit, STR_ARG(str_slice(d->unit_text, at + strlen(row), d->unit_text.len)));
    }
    input->keys = keys;
}

static void fill_output(struct model *model, struct model_output *output,
                        const struct definition *d)
{
    *output = (struct model_output){
        .name = str_dup(model->arena, d->name),
        .label = label_of(model, d->label, d->label_zh, d->name),
        .type = d->type,
        .unit = d->type == MODEL_NUMBER ? str_dup(model->arena, d->unit_text) : NULL,
        .clause = text_or_null(model, d->clause),
        .post = text_or_null(model, d->post),
        .post_pairs = d->pairs,
        .post_pair_count = d->pair_count};
    if (d->index == NULL) return;
    output->index = str_dup(model->arena, d->index->name);
    output->keys = d->index->keys;
    output->key_count = d->index->count;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct model_table_file *)a)->path,
                  ((const struct model_table_file *)b)->path);
}

static void fill_files(struct model *model)
{
    size_t used_count = 0, used_capacity = 0;
    struct model_table_file *used = NULL;
    /* A used model is one more file that the figures rest on, with all of its own. */
    for (size_t i = 0; i < model->use_count; i++) {
        const struct model *other = model->uses[i]->model;
        *ARENA_PUSH(model->arena, used, used_count, used_capacity) =
            (struct model_table_file){.path = arena_printf(model->arena, "use/%s/%s.model",
                                                           other->info.name, other->info.version),
                                      .bytes = other->text,
                                      .digest = other->info.model_digest};
        for (size_t k = 0; k < other->file_count; k++)
            *ARENA_PUSH(model->arena, used, used_count, used_capacity) = other->files[k];
    }
    model->files =
        ARENA_NEW_ARRAY(model->arena, struct model_table_file, model->table_count + used_count + 1);
    model->files[model->file_count++] = model->library->units_file;
    for (size_t i = 0; i < model->table_count; i++) {
        bool known = false;
        for (size_t k = 0; k < model->file_count; k++)
            known = known || model->files[k].path == model->tables[i]->file->path;
        if (!known) model->files[model->file_count++] = *model->tables[i]->file;
    }
    for (size_t i = 0; i < used_count; i++) {
        bool known = false;
        for (size_t k = 0; k < model->file_count; k++)
            known = known || strcmp(model->files[k].path, used[i].path) == 0;
        if (!known) model->files[model->file_count++] = used[i];
    }
    qsort(model->files, model->file_count, sizeof *model->files, compare_files);
    str *parts = ARENA_NEW_ARRAY(model->arena, str, model->file_count * 2 + 1);
    for (size_t i = 0; i < model->file_count; i++) {
        parts[2 * i] = str_from(arena_printf(model->arena, "%s\n", model->files[i].path));
        parts[2 * i + 1] = (str){(const char *)model->files[i].digest.bytes, DIGEST_BYTES};
    }
    model->info.tables_digest = digest_of_parts(parts, model->file_count * 2);
}

static const struct model_measure *fill_measures(struct model *model)
{
    struct model_measure *all =
        ARENA_NEW_ARRAY(model->arena, struct model_measure, model->measure_count + 1);
    for (size_t i = 0; i < model->measure_count; i++) {
        const struct measure *measure = model->measures[i];
        all[i].name = str_dup(model->arena, measure->name);
        all[i].label = label_of(model, measure->label, measure->label_zh, measure->name);
        if (measure->cost != NULL)
            all[i].cost_unit = unit_format(model->arena, model->units, &measure->cost->unit);
    }
    return all;
}

void model_fill_info(struct model *model)
{
    struct model_info *info = &model->info;
    struct arena *arena = model->arena;
    info->name = str_dup(arena, model->name);
    info->version = str_dup(arena, model->version);
    info->kind = str_dup(arena, model->kind.len != 0 ? model->kind : STR("method"));
    info->title = label_of(model, model->title, model->title_zh, model->name);
    info->source = str_dup(arena, model->source);
    info->entity = str_dup(arena, model->entity.len != 0 ? model->entity : STR("enterprise"));
    info->path = str_dup(arena, model->path);
    info->industries = model->industries;
    info->industry_count = model->industry_count;
    info->metas = model->metas;
    info->meta_count = model->meta_count;
    struct model_input *inputs = ARENA_NEW_ARRAY(arena, struct model_input, model->input_count + 1);
    for (size_t i = 0; i < model->input_count; i++) fill_input(model, &inputs[i], model->inputs[i]);
    struct model_output *outputs =
        ARENA_NEW_ARRAY(arena, struct model_output, model->output_count + 1);
    for (size_t i = 0; i < model->output_count; i++)
        fill_output(model, &outputs[i], model->outputs[i]);
    struct model_requirement *all =
        ARENA_NEW_ARRAY(arena, struct model_requirement, model->requirement_count + 1);
    for (size_t i = 0; i < model->requirement_count; i++) {
        const struct definition *d = model->requirements[i];
        all[i].name = str_dup(arena, d->name);
        all[i].label = label_of(model, d->label, d->label_zh, d->name);
        all[i].help = label_of(model, d->help, d->help_zh, (str){"", 0});
    }
    info->inputs = inputs;
    info->input_count = model->input_count;
    info->outputs = outputs;
    info->output_count = model->output_count;
    info->requirements = all;
    info->requirement_count = model->requirement_count;
    info->measures = fill_measures(model);
    info->measure_count = model->measure_count;
    info->example_count = model->example_count;
    info->model_digest = digest_of(model->text);
    info->text = model->text.ptr;
    fill_files(model);
}

const struct model_info *model_info(const struct model *model)
{
    return &model->info;
}

const char *model_meta(const struct model *model, const char *key, bool zh)
{
    for (size_t i = 0; i < model->meta_count; i++)
        if (strcmp(model->metas[i].key, key) == 0)
            return zh ? model->metas[i].value.zh : model->metas[i].value.en;
    return NULL;
}

size_t model_table_files(const struct model *model, const struct model_table_file **files)
{
    *files = model->files;
    return model->file_count;
}

bool model_table_number(const struct model *model, const char *path, const char *row,
                        const char *column, double *value)
{
    for (size_t i = 0; i < model->table_count; i++) {
        const struct table *table = model->tables[i];
        if (strcmp(table->path, path) != 0 || table->by_id == NULL) continue;
        long at = table_id_row(table, str_from(row));
        int c = table_column(table, str_from(column));
        if (at < 0 || c < 0 || !table->enabled[at] || table->columns[c].type != MODEL_NUMBER ||
            table->columns[c].empty[at])
            continue;
        *value = table->columns[c].values[at];
        return true;
    }
    return false;
}
