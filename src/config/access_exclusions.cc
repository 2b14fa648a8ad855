#include "config/access_exclusions.h"

#include "base/assert.h"
#include "base/text.h"
#include "config/value.h"

namespace gunicorn::config {
namespace {

/// Takes the first word of `rest`; empty when none is left.
std::string_view take_word(std::string_view& rest) {
    rest = text::trim(rest);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(word.size());
    return word;
}

/// "404" is one status, "4xx" a hundred; nothing for another word.
struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
};
Range range_of(std::string_view word) {
    if (word.size() != 3 || word[0] < '1' || word[0] > '5') return {};
    const auto hundred = static_cast<std::size_t>(word[0] - '0') * 100;
    if (text::equal_ignoring_case(word.substr(1), "xx")) return {hundred, 100};
    const auto status = text::parse_decimal(word);
    return status ? Range{static_cast<std::size_t>(*status), 1} : Range{};
}

/// Without going back more than to the last `*`: linear for one, quadratic at most.
bool matches(std::string_view pattern, std::string_view path) noexcept {
    std::size_t p = 0;
    std::size_t s = 0;
    std::size_t after_star = std::string_view::npos;
    std::size_t retry = 0;  // what the last star has taken ends here
    while (s < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            after_star = ++p;
            retry = s;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == path[s])) {
            ++p;
            ++s;
        } else if (after_star != std::string_view::npos) {
            p = after_star;
            s = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Unexpected<ValueError> refuse(std::size_t index, std::string_view entry, std::string_view what, std::string help) {
    return Unexpected{ValueError{DiagId::bad_log_exclusion,
                                 "item " + std::to_string(index + 1) + " (" + excerpt(std::string(entry)) + ") " + std::string(what),
                                 std::move(help)}};
}

}  // namespace

Validated<AccessExclusions> AccessExclusions::compile(const std::vector<std::string>& entries) {
    AccessExclusions compiled;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::string_view rest = entries[i];
        Entry entry;
        entry.pattern = take_word(rest);
        if (entry.pattern.empty()) return refuse(i, entries[i], "has no pattern", "a pattern is a path: '/healthz', '/static/*'");
        if (entry.pattern.front() != '/' && entry.pattern.front() != '*') {
            const bool is_status = range_of(entry.pattern).count > 0;
            return refuse(i, entries[i], "must begin with / or *",
                          is_status ? "for every path write '* " + entry.pattern + "'"
                                    : "did you mean '/" + entry.pattern + "'?");
        }
        for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
            const Range range = range_of(word);
            if (range.count == 0) {
                return refuse(i, entries[i], "has " + excerpt(std::string(word)) + ", which is no status",
                              "a status is written 404, a hundred of them 4xx, several with blanks between");
            }
            for (std::size_t status = range.first; status < range.first + range.count; ++status) entry.statuses.set(status);
        }
        if (entry.statuses.none()) entry.statuses.set();
        compiled.entries_.push_back(std::move(entry));
    }
    return compiled;
}

AccessExclusions AccessExclusions::of(const std::vector<std::string>& entries) {
    auto compiled = compile(entries);
    GN_ASSERT(compiled.has_value(), "its validator compiles it as well");
    return *std::move(compiled);
}

bool AccessExclusions::has(std::string_view path, int status) const noexcept {
    const auto index = static_cast<std::size_t>(status);
    for (const Entry& entry : entries_) {
        if (index < kStatuses && entry.statuses[index] && matches(entry.pattern, path)) return true;
    }
    return false;
}

}  // namespace gunicorn::config
