/* The limits of limits.def as constants: INTAKE_MAX_rows and so on. */
#ifndef INTAKE_LIMITS_H
#define INTAKE_LIMITS_H

#include "base/base.h"

#define X(name, value, unit, reason) static const int64_t INTAKE_MAX_##name UNUSED = value;
#include "intake/limits.def"
#undef X

#endif
