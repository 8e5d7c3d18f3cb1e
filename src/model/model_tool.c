/* `model_tool check|test|show|run …`: the model commands on the sources, without the rest of the
 * program. TANSHU_ROOT names the folder with models/ and tables/ (default: the current one). */
#include <stdlib.h>

#include "model/command.h"

int main(int argc, char **argv)
{
    const char *root = getenv("TANSHU_ROOT");
    const char *roots[] = {root == NULL ? "." : root};
    return model_command(argc - 1, argv + 1, roots, 1, NULL, stdout, stderr);
}
