/* The two boxes of an enterprise's page: each reads what its scope opens and becomes HTML. */
#ifndef WEB_BANK_ENTERPRISE_H
#define WEB_BANK_ENTERPRISE_H

#include "web/bank/bank.h"

/* Label, grade, reasons, checks and missing indicators. Needs the scope label. */
bool bank_label_box(struct web *web, const struct bank_subject *subject, html *box,
                    struct error *err) NODISCARD;
/* Three years' key figures, emission by month, methods. Needs the scope account. */
bool bank_account_box(struct web *web, const struct bank_subject *subject, html *box,
                      struct error *err) NODISCARD;

#endif
