#include "python/binding_places.h"

#include <algorithm>

namespace gunicorn::python {
namespace {

bool may_bind(const BindingSpan& span, std::string_view name) { return span.name == name || span.name == "*"; }

}  // namespace

/// A value that is bound again to the very same object changes nothing, so the statement that ran last counts, unless the
/// change was seen after it.
BindingPlaces::Candidate BindingPlaces::find(std::string_view name) const {
    const LineTrace::Place seen = run_.trace().place_of(name);
    if (seen.line == 0) return likely_binding(name);
    Candidate best;
    std::uint64_t latest = 0;
    for (std::size_t file = 0; file < spans_.size(); ++file) {
        for (const BindingSpan& span : spans_[file]) {
            if (!may_bind(span, name)) continue;
            const std::uint64_t ran = run_.trace().last_run(static_cast<int>(file), span.first_line, span.last_line);
            const bool holds_change =
                static_cast<int>(file) == seen.file && seen.line >= span.first_line && seen.line <= span.last_line;
            if (ran < seen.when && !holds_change) continue;
            if (best.span != nullptr && ran < latest) continue;
            best = {static_cast<int>(file), &span};
            latest = ran;
        }
    }
    return best;
}

/// Where the change was not seen, a name that only one statement binds was bound there; and of several that all were seen
/// running, by the one that ran last.
BindingPlaces::Candidate BindingPlaces::likely_binding(std::string_view name) const {
    Candidate likely;
    std::uint64_t latest = 0;
    bool have_all_run = true;
    int count = 0;
    for (std::size_t file = 0; file < spans_.size(); ++file) {
        for (const BindingSpan& span : spans_[file]) {
            if (span.name != name) continue;
            const std::uint64_t ran = run_.trace().last_run(static_cast<int>(file), span.first_line, span.last_line);
            have_all_run = have_all_run && ran > 0;
            if (count++ == 0 || ran > latest) likely = {static_cast<int>(file), &span};
            latest = std::max(latest, ran);
        }
    }
    return count == 1 || have_all_run ? likely : Candidate();
}

Origin BindingPlaces::origin_of(std::string_view name) const {
    Origin origin{.kind = SourceKind::config_file, .name = run_.files().front().name};
    const Candidate found = find(name);
    if (found.span != nullptr) {
        const BindingSpan& span = *found.span;
        origin.name = run_.files()[static_cast<std::size_t>(found.file)].name;
        origin.line = span.place.line;
        origin.column = span.place.column;
        origin.end_column = span.place.end_column;
        origin.value = span.value;
        origin.variables = run_.trace().variables_of(found.file, span.first_line, span.last_line);
        return origin;
    }
    const LineTrace::Place seen = run_.trace().place_of(name);
    if (seen.line == 0) return origin;
    origin.name = run_.files()[static_cast<std::size_t>(seen.file)].name;
    origin.line = seen.line;
    origin.variables = run_.trace().variables_of(seen.file, seen.line, seen.line);
    return origin;
}

}  // namespace gunicorn::python
