#include "model/op.h"

const struct op_info *op_info(enum op op)
{
    static const struct op_info table[] = {
        [OP_NONE] = {"none", 0, OP_SOURCE, ""},
#define OP(name, text, operands, kind, note) [OP_##name] = {text, operands, OP_##kind, note},
#include "model/op.def"
#undef OP
    };
    CHECK(op > OP_NONE && op < OP_END);
    return &table[op];
}
