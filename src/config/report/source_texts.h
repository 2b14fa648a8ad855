#pragma once
// What the sources say, as written: reports show lines of it.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"

namespace gunicorn::config {

/// Texts of configuration files, paste files and command lines by their gunicorn::source_name().
class SourceTexts {
public:
    void add(std::string name, std::string text);

    /// One line without its end; empty when there is none. Lent until the next add().
    [[nodiscard]] std::string_view line(std::string_view source, int number) const;

private:
    struct Text {
        std::string bytes;
        std::vector<std::size_t> lines;  // where each begins: reports of broken files ask for thousands of them
    };
    std::map<std::string, Text, std::less<>> texts_;
};

}  // namespace gunicorn::config
