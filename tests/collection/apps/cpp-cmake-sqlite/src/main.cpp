#include <arpa/inet.h>
#include <fstream>
#include <iostream>
#include <sqlite3.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

static std::string words(sqlite3 *db)
{
    std::ostringstream out;
    auto row = [](void *to, int, char **values, char **) {
        *static_cast<std::ostringstream *>(to) << values[0] << "\n";
        return 0;
    };
    sqlite3_exec(db, "SELECT word FROM word ORDER BY word", row, &out, nullptr);
    return out.str();
}

int main()
{
    std::ifstream file(DATA "/words.sql");
    if (!file) {
        std::cerr << "glossary: no " DATA "/words.sql\n";
        return 1;
    }
    std::stringstream sql;
    sql << file.rdbuf();
    sqlite3 *db;
    sqlite3_open(":memory:", &db);
    sqlite3_exec(db, sql.str().c_str(), nullptr, nullptr, nullptr);

    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(8400);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) || listen(listener, 16))
        return 1;
    for (;;) {
        int client = accept(listener, nullptr, nullptr);
        char asked[2048];
        if (read(client, asked, sizeof asked) > 0) {
            std::string body = words(db);
            std::string head = "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
            (void)!write(client, (head + body).data(), head.size() + body.size());
        }
        close(client);
    }
}
