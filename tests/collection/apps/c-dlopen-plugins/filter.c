#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.so", getenv("FILTERS"), argv[i]);
        void *plugin = dlopen(path, RTLD_NOW);
        if (!plugin) {
            fprintf(stderr, "filter: %s\n", dlerror());
            return 1;
        }
        void (*run)(void) = (void (*)(void))dlsym(plugin, "run");
        run();
    }
    return 0;
}
