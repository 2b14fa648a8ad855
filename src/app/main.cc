#include <exception>

#include <cstdio>

#include "app/launch.h"

int main(int argc, char** argv) {
    try {
        return gunicorn::app::run({gunicorn::app::Host::executable, {argv, argv + argc}});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "\nError: %s\n", error.what());
        return 1;
    }
}
