#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(void)
{
    char line[4096];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        printf("%08lx\n", crc32(0, (const Bytef *)line, strlen(line)));
        fflush(stdout);
    }
    return 0;
}
