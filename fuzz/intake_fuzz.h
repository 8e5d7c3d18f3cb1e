/* The parsers of strangers' files run in this process, outside their jail, with a sink that checks
 * what a parser promises: rows and columns rise, texts are UTF-8, frames it would send are taken
 * back. */
#ifndef FUZZ_INTAKE_FUZZ_H
#define FUZZ_INTAKE_FUZZ_H

#include "base/str.h"

enum fuzz_parser { FUZZ_CSV, FUZZ_XLSX };
int fuzz_parse(enum fuzz_parser parser, str bytes);

#endif
