/* Own to the room: what expat and libzip found, in phrases that are translated with the error that
 * holds them. The libraries' own texts are English only. */
#ifndef INTAKE_REASON_H
#define INTAKE_REASON_H

#include <expat.h>
#include <zip.h>

const char *xml_reason(enum XML_Error code);
const char *zip_reason(const zip_error_t *error);

#endif
