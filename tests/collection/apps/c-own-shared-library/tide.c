#include "tide.h"

int tide_at(int hour)
{
    static const int marks[] = {120, 90, 40, 10, 30, 80};
    return marks[hour % 6];
}
