#include <stdio.h>
#include <yaml.h>

void run(void) { printf("yaml %s\n", yaml_get_version_string()); }
