/* The enterprise's explanations: a posting, an output of a judgement, a part of an offer, and the
 * files that they rest on. The pages themselves are web/shared/explain. */
#include "app/app.h"
#include "finance/finance.h"
#include "web/enterprise/kit.h"
#include "web/shared/explain.h"

static bool get_posting(struct web *web, struct error *err)
{
    struct explain_place place = kit_place(web);
    return explain_posting(web, web->viewer->org_id, &place, err);
}

static bool get_model(struct web *web, struct error *err)
{
    struct explain_place place = kit_place(web);
    return explain_file(web, web_param(web, "digest"), &place, err);
}

/* ---- judgements ---- */

struct judgement_work {
    struct web *web;
    id64 rating_id;
    int year;
    const char *model, *output;
    const struct model_node *tree;
};

static bool read_judgement(struct db *db, void *arg, struct error *err)
{
    struct judgement_work *w = arg;
    return credit_explain(db, w->web->arena, w->web->viewer, &w->web->app->credit,
                          w->web->viewer->org_id, w->rating_id, w->model, w->output, &w->tree, err);
}

static bool read_offer(struct db *db, void *arg, struct error *err)
{
    struct judgement_work *w = arg;
    struct kit_years years;
    if (!kit_read_years(db, w->web, &years, err)) return false;
    w->year = years.chosen;
    return finance_explain(db, w->web->arena, w->web->viewer, &w->web->app->credit,
                           w->web->viewer->org_id, w->year, kit_today(w->web), w->model, w->output,
                           &w->tree, err);
}

static bool answer_tree(struct judgement_work *w, struct explain_place *place, const char *note)
{
    struct web *web = w->web;
    const char *label = explain_text(web, w->tree->label);
    struct explain_judgement judgement = {
        .title = label[0] != '\0' ? label : w->output, .tree = w->tree, .note = note};
    return explain_judgement(web, &judgement, place);
}

static bool get_judgement(struct web *web, struct error *err)
{
    struct judgement_work w = {.web = web,
                               .model = str_dup(web->arena, web_param(web, "model")),
                               .output = str_dup(web->arena, web_param(web, "output"))};
    struct explain_place place = kit_place(web);
    if (!web_param_id(web, "rating", &w.rating_id, err) ||
        !store_read(web->store, read_judgement, &w, err))
        return false;
    place.crumb_text = tr(web->lang, TR_KEY("Label and grade"));
    place.crumb_url = "/enterprise/report";
    place.nav = "report";
    return answer_tree(
        &w, &place,
        tr(web->lang, TR_KEY("Computed again from the facts that were kept with the rating.")));
}

static bool get_offer(struct web *web, struct error *err)
{
    struct judgement_work w = {.web = web,
                               .model = str_dup(web->arena, web_param(web, "product")),
                               .output = str_dup(web->arena, web_param(web, "output"))};
    struct explain_place place = kit_place(web);
    if (!store_read(web->store, read_offer, &w, err)) return false;
    place.crumb_text = tr(web->lang, TR_KEY("Finance"));
    place.crumb_url = arena_printf(web->arena, "/enterprise/finance?year=%d", w.year);
    place.nav = "finance";
    return answer_tree(
        &w, &place,
        tr(web->lang, TR_KEY("Computed just now from the facts of the year and today's prices.")));
}

const struct web_route web_routes_enterprise_explain[] = {
    {"GET", "/enterprise/explain/{posting}", get_posting, WEB_ENTERPRISE, TR_KEY("Explanation")},
    {"GET", "/enterprise/explain/{posting}/{form}", get_posting, WEB_ENTERPRISE,
     TR_KEY("Explanation")},
    {"GET", "/enterprise/model/{digest}", get_model, WEB_ENTERPRISE,
     TR_KEY("Text of the model or table")},
    {"GET", "/enterprise/report/explain/{rating}/{model}/{output}", get_judgement, WEB_ENTERPRISE,
     TR_KEY("Explanation")},
    {"GET", "/enterprise/finance/explain/{product}/{output}", get_offer, WEB_ENTERPRISE,
     TR_KEY("Explanation")},
    {0},
};
