#pragma once
// An INI file as Python's ConfigParser splits it: sections and their keys, each with its line. No interpolation yet.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/origin.h"

namespace gunicorn::config {

struct IniEntry {
    std::string key;
    std::string value;  ///< continuation lines joined by '\n'
    Span key_span;
    Span value_span;  ///< its first line
};

struct IniSection {
    std::string name;
    std::vector<IniEntry> entries;  ///< as written, duplicates too

    /// Which entries have that key, in their order.
    std::map<std::string, std::vector<std::size_t>, std::less<>> places;

    void add(IniEntry entry) {
        places[entry.key].push_back(entries.size());
        entries.push_back(std::move(entry));
    }

    /// The last entry of that key; null when there is none.
    [[nodiscard]] const IniEntry* find(std::string_view key) const {
        const auto found = places.find(key);
        return found == places.end() ? nullptr : &entries[found->second.back()];
    }
};

struct IniProblem {
    int line = 0;
    std::string message;
};

struct IniDocument {
    std::vector<IniSection> sections;  ///< those that have keys, by first mention; a repeated one is continued
    std::vector<IniProblem> problems;

    [[nodiscard]] const IniSection* find(std::string_view name) const {
        for (const IniSection& section : sections) {
            if (section.name == name) return &section;
        }
        return nullptr;
    }
};

}  // namespace gunicorn::config
