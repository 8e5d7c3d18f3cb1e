/* The words (doc/glossary.md, compiled in) and what stands behind this server. */
#include "glossary.h"
#include "public_about_html.h"
#include "public_help_html.h"
#include "web/public/public.h"

#ifndef TANSHU_VERSION
#define TANSHU_VERSION "0.1.0"
#endif

#define TERMS_MAX 500

static bool get_help(struct web *web, struct error *err)
{
    (void)err;
    struct html_public_help page = {
        .terms = ARENA_NEW_ARRAY(web->arena, struct html_public_help_terms, TERMS_MAX)};
    str rest = str_from(glossary_text), line;
    while (str_cut(&rest, '\n', &line) && page.terms_count < TERMS_MAX) {
        str cells[6] = {0}, part;
        if (!str_starts(line, "| ")) continue;
        for (size_t i = 0; i < ARRAY_LEN(cells) && str_cut(&line, '|', &part); i++)
            cells[i] = str_trim(part);
        if (str_is(cells[1], "zh")) continue; /* the head of the table */
        page.terms[page.terms_count++] = (struct html_public_help_terms){
            .zh = cells[1],
            .en = cells[2],
            .meaning = web->lang == LANG_ZH && cells[4].len != 0 ? cells[4] : cells[3]};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_public_help, &page),
                    "help");
}

static bool get_about(struct web *web, struct error *err)
{
    (void)err;
    const struct app_config *config = &web->app->config;
    struct html_public_about page = {
        .version = STR(TANSHU_VERSION),
        .filing = str_from(config->issuer_filing),
        .issuer =
            str_from(web->lang == LANG_EN && config->issuer_en[0] != '\0' ? config->issuer_en
                                                                          : config->issuer_zh)};
    web_crumb(web, tr(web->lang, "Terms"), "/help");
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_public_about, &page),
                    "help");
}

const struct web_route web_routes_public_help[] = {
    {"GET", "/help", get_help, WEB_PUBLIC, TR_KEY("Terms")},
    {"GET", "/about", get_about, WEB_PUBLIC, TR_KEY("About and licence")},
    {0},
};
