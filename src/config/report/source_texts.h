#pragma once
// What the sources say, as written: reports show lines of it.

#include <map>
#include <string>
#include <string_view>

#include "base/origin.h"

namespace gunicorn::config {

/// Texts of configuration files, paste files and command lines by their gunicorn::source_name().
class SourceTexts {
public:
    void add(std::string name, std::string text) { texts_.insert_or_assign(std::move(name), std::move(text)); }

    /// One line without its end; empty when there is none. Lent until the next add().
    [[nodiscard]] std::string_view line(std::string_view source, int number) const;

private:
    std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace gunicorn::config
