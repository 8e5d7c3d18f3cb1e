#include "model/engine.h"
void model_compile(struct model *model) { (void)model; }
