#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *port = getenv("POOLINFO_PORT");
    if (!port) {
        fputs("poolinfo: POOLINFO_PORT is not set\n", stderr);
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        perror("poolinfo");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        char asked[2048], answer[128];
        if (read(client, asked, sizeof asked) > 0) {
            int length = snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\n\r\nlibpq %d\n", PQlibVersion());
            (void)!write(client, answer, length);
        }
        close(client);
    }
}
