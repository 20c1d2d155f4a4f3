#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <thread>

int main(int argc, char **argv)
{
    if (argc != 2 || std::string_view(argv[1]) == "--help") {
        std::cout << "usage: census FOLDER\n";
        return argc != 2;
    }
    std::map<std::string, int> lines;
    std::thread counter([&] {
        for (const auto &entry : std::filesystem::directory_iterator(argv[1])) {
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);)
                ++lines[entry.path().filename()];
        }
    });
    counter.join();
    for (const auto &[name, count] : lines)
        std::cout << name << ": " << count << "\n";
    return lines.empty();
}
