#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        puts("usage: fetch [--version] URL");
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("fetch 1.0, %s\n", curl_version());
        return 0;
    }
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, argv[1]);
    CURLcode code = curl_easy_perform(handle);
    curl_easy_cleanup(handle);
    return code == CURLE_OK ? 0 : 1;
}
