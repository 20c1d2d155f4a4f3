#include "tide.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: tided PORT\n", stderr);
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        perror("tided");
        return 1;
    }
    for (int hour = 0;; hour++) {
        int client = accept(listener, NULL, NULL);
        char asked[2048], answer[128];
        if (read(client, asked, sizeof asked) > 0) {
            int length = snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\n\r\n%d cm\n", tide_at(hour));
            (void)!write(client, answer, length);
        }
        close(client);
    }
}
