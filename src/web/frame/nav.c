/* The places of each portal, in the order of the left navigation. A place is shown when a page
 * serves it. */
#include "web/frame/frame.h"

const struct web_nav web_nav[] = {
    {WEB_ENTERPRISE, "overview", "speedometer2", TR_KEY("Overview"), "/enterprise"},
    {WEB_ENTERPRISE, "data", "cloud-upload", TR_KEY("Submit data"), "/enterprise/data"},
    {WEB_ENTERPRISE, "meters", "lightning-charge", TR_KEY("Meters and load"), "/enterprise/meters"},
    {WEB_ENTERPRISE, "account", "journal-text", TR_KEY("Carbon account"), "/enterprise/account"},
    {WEB_ENTERPRISE, "findings", "clipboard-check", TR_KEY("Findings"), "/enterprise/findings"},
    {WEB_ENTERPRISE, "report", "patch-check", TR_KEY("Label and report"), "/enterprise/report"},
    {WEB_ENTERPRISE, "finance", "cash-coin", TR_KEY("Finance"), "/enterprise/finance"},
    {WEB_ENTERPRISE, "authorisations", "shield-check", TR_KEY("Authorisations"),
     "/enterprise/authorisations"},
    {WEB_ENTERPRISE, "people", "people", TR_KEY("People"), "/enterprise/people"},

    {WEB_BANK, "overview", "speedometer2", TR_KEY("Overview"), "/bank"},
    {WEB_BANK, "enterprises", "building", TR_KEY("Enterprises"), "/bank/enterprises"},
    {WEB_BANK, "authorisations", "shield-check", TR_KEY("Authorisations"), "/bank/authorisations"},
    {WEB_BANK, "cases", "clipboard-data", TR_KEY("Loan cases"), "/bank/cases"},
    {WEB_BANK, "portfolio", "graph-up", TR_KEY("Portfolio"), "/bank/portfolio"},
    {WEB_BANK, "products", "cash-coin", TR_KEY("Products"), "/bank/products"},

    {WEB_AUTHORITY, "overview", "speedometer2", TR_KEY("Overview"), "/authority"},
    {WEB_AUTHORITY, "register", "building", TR_KEY("Monitoring register"), "/authority/register"},
    {WEB_AUTHORITY, "filing", "bell", TR_KEY("Filing and reminders"), "/authority/filing"},
    {WEB_AUTHORITY, "statistics", "bar-chart", TR_KEY("Statistics"), "/authority/statistics"},

    {WEB_AUTHORITY, "findings", "clipboard-check", TR_KEY("Findings"), "/expert/findings"},

    {WEB_VERIFIER, "findings", "clipboard-check", TR_KEY("Findings"), "/expert"},
    {WEB_VERIFIER, "letters", "shield-check", TR_KEY("Authorisations"), "/expert/authorisations"},
    {WEB_OPERATOR, "overview", "speedometer2", TR_KEY("Overview"), "/operator"},
    {WEB_OPERATOR, "organisations", "people", TR_KEY("Organisations and people"),
     "/operator/organisations"},
    {WEB_OPERATOR, "models", "diagram-3", TR_KEY("Models and tables"), "/operator/models"},
    {WEB_OPERATOR, "jobs", "clock", TR_KEY("Jobs"), "/operator/jobs"},
    {WEB_OPERATOR, "settings", "gear", TR_KEY("Settings"), "/operator/settings"},
    {WEB_OPERATOR, "state", "link-45deg", TR_KEY("Log and store"), "/operator/state"},

    {WEB_PUBLIC, "verify", "qr-code", TR_KEY("Verify a report"), "/verify"},
    {WEB_PUBLIC, "log", "link-45deg", TR_KEY("Evidence log"), "/log"},
    {WEB_PUBLIC, "methods", "diagram-3", TR_KEY("Methods"), "/methods"},
    {WEB_PUBLIC, "help", "question-circle", TR_KEY("Terms"), "/help"},
};
const size_t web_nav_count = ARRAY_LEN(web_nav);

const char *web_home(unsigned access)
{
    for (size_t i = 0; i < web_nav_count; i++)
        if ((web_nav[i].access & access) != 0) return web_nav[i].url;
    return "/";
}
