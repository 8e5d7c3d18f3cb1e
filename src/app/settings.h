/* Inside app: the settings file. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "app/app.h"

/* Fills every field: the default, then what the file says. */
bool app_settings_read(struct arena *arena, const char *path, struct app_config *config,
                       struct error *err) NODISCARD;
/* A file that explains every setting and sets none but the store, where that is not "". */
bool app_settings_write_default(struct arena *arena, const char *path, const char *store,
                                struct error *err) NODISCARD;

#endif
