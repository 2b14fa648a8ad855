#pragma once

#include "python/python.h"

#include <string_view>
#include <vector>

#include "base/origin.h"
#include "python/config_names.h"
#include "python/config_run.h"

namespace gunicorn::python {

/// Which statement of which file gave a name the value that it has in the end: the line trace says where the value changed
/// and which lines ran when, the syntax trees where in a line name and value stand.
class BindingPlaces {
public:
    /// `run` outlives this.
    explicit BindingPlaces(const ConfigRun& run) : run_(run) {}

    /// The bindings of the next file of the run.
    void add(std::vector<BindingSpan> spans) { spans_.push_back(std::move(spans)); }

    /// As exact as can be told: file, line, columns, environment variables; at least the main file.
    [[nodiscard]] Origin origin_of(std::string_view name) const;

private:
    struct Candidate {
        int file = -1;
        const BindingSpan* span = nullptr;
    };
    [[nodiscard]] Candidate find(std::string_view name) const;
    [[nodiscard]] Candidate likely_binding(std::string_view name) const;

    const ConfigRun& run_;
    std::vector<std::vector<BindingSpan>> spans_;
};

}  // namespace gunicorn::python
