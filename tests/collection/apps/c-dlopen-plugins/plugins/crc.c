#include <stdio.h>
#include <zlib.h>

void run(void) { printf("crc %lx\n", crc32(0, (const Bytef *)"filters", 7)); }
