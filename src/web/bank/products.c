/* The products in force: what each is for and what it asks. No enterprise's data. */
#include "bank_products_html.h"
#include "web/bank/offers.h"
#include "web/shared/explain.h"

static bool get_products(struct web *web, struct error *err)
{
    const struct finance_product *products;
    (void)err;
    size_t count = finance_list_products(web->arena, &web->app->rules, bank_today(web), &products);
    struct html_bank_products page = {
        .icon = web_icon(web, "cash-coin"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_products_rows, count + 1),
        .rows_count = count};
    for (size_t i = 0; i < count; i++) {
        const struct finance_product *p = &products[i];
        const struct model_info *info = model_info(p->model);
        struct html_bank_products_rows *row = &page.rows[i];
        *row = (struct html_bank_products_rows){
            .title = str_from(explain_text(web, p->title)),
            .version = str_from(arena_printf(web->arena, "%s %s", p->name, p->version)),
            .category = str_from(explain_text(web, p->category)),
            .lender = str_from(explain_text(web, p->lender)),
            .term = str_from(bank_term(web, p->term_months)),
            .use_of_funds = str_from(explain_text(web, p->use_of_funds)),
            .green = str_from(bank_green_item(web, p)),
            .conditions = ARENA_NEW_ARRAY(web->arena, struct html_bank_products_rows_conditions,
                                          info->requirement_count + 1),
            .conditions_count = info->requirement_count};
        for (size_t k = 0; k < info->requirement_count; k++)
            row->conditions[k].name = str_from(explain_text(web, info->requirements[k].label));
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_products, &page),
                    "products");
}

const struct web_route web_routes_bank_products[] = {
    {"GET", "/bank/products", get_products, WEB_BANK, TR_KEY("Products")},
    {0},
};
