#pragma once
// What the sources say, as written: reports show lines of it.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"
#include "config/report/secret_spans.h"

namespace gunicorn::config {

/// Texts of configuration files, paste files and command lines by their gunicorn::source_name().
class SourceTexts {
public:
    void add(std::string name, std::string text);

    /// All of a source; empty when there is none. Lent until the next add().
    [[nodiscard]] std::string_view text(std::string_view source) const;

    /// One line without its end; empty when there is none. Lent until the next add().
    [[nodiscard]] std::string_view line(std::string_view source, int number) const;

    /// secret_spans() of a source of Python. Lent until the next add().
    [[nodiscard]] const std::vector<Piece>& secrets(std::string_view source) const;

private:
    struct Text {
        std::string bytes;
        std::vector<std::size_t> lines;  // where each begins: reports of broken files ask for thousands of them
    };
    std::map<std::string, Text, std::less<>> texts_;
    mutable std::map<std::string, std::vector<Piece>, std::less<>> secrets_;  // of those that were asked for
};

}  // namespace gunicorn::config
