/* The table that tools/embed makes from assets/; own to the room. */
#ifndef HTTP_ASSETS_H
#define HTTP_ASSETS_H

#include "http/http.h"

extern const struct http_asset http_assets[];
extern const size_t http_asset_count;

#endif
