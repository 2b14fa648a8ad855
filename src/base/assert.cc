#include "base/assert.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace gunicorn {
namespace {

void put(const char* text) noexcept {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

}  // namespace

void assertion_failed(const char* condition, const char* belief, const char* file, int line) noexcept {
    char number[16];
    char* end = number + sizeof number;
    *--end = '\0';
    for (int rest = line; rest > 0 && end > number; rest /= 10) *--end = static_cast<char>('0' + rest % 10);
    put("gunicorn: bug: ");
    put(belief);
    put(" (");
    put(condition);
    put(") at ");
    put(file);
    put(":");
    put(end);
    put("\n");
    std::abort();
}

}  // namespace gunicorn
