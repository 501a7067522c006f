#include <cstdio>

int main()
{
    std::puts("gatehouse " GATEHOUSE_VERSION);
}
