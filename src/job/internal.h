/* Own to the room. */
#ifndef JOB_INTERNAL_H
#define JOB_INTERNAL_H

#include "job/job.h"

/* An error as it is kept: its name, and its arguments with a separator between them. */
const char *job_error_args(struct arena *arena, const struct error *err);
void job_error_read(str name, str joined, struct error *err);

#endif
