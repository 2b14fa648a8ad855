#pragma once
// What is wrong with a configuration, where, and how bad it is. Collected, shown together; tests assert `id`, never the
// words.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag_id.gen.h"
#include "base/origin.h"

namespace gunicorn {

enum class Severity { note, warning, error };

/// What schema/diagnostics.yaml says of one DiagId.
struct DiagKind {
    std::string_view code;  ///< "GCF201"
    std::string_view name;  ///< "not-an-integer"
    Severity severity;      ///< unless the finding says otherwise
    bool is_fallible;       ///< the check may be wrong: an error that -W and comments may lower and drop
    bool has_lesser;        ///< some findings of this error are warnings or notes
    std::string_view title;
    std::string_view description;  ///< Markdown
};

/// In the order of DiagId, which is that of the codes.
[[nodiscard]] std::span<const DiagKind> diag_kinds() noexcept;
[[nodiscard]] inline const DiagKind& kind_of(DiagId id) noexcept { return diag_kinds()[static_cast<std::size_t>(id)]; }
/// By code ("GCF201", in any case) or name ("not-an-integer"); null when there is none.
[[nodiscard]] const DiagKind* find_diag_kind(std::string_view code_or_name) noexcept;

/// Another place that belongs to a finding: "also set here".
struct Note {
    Origin origin;
    std::string message;
};

struct Diagnostic {
    DiagId id;
    std::string setting;  ///< "workers"; empty when it is about a whole source
    Origin origin;
    std::string message;  ///< "must be a non-negative integer, not -1"
    Severity severity = kind_of(id).severity;
    std::string help = {};  ///< what to do about it: "did you mean 'workers'?"
    std::vector<Note> notes = {};
};

using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] std::string_view name_of(Severity severity) noexcept;

/// One line, for a log: gunicorn.conf.py:12:11: error[GCF202]: workers: must be a non-negative integer, not -1
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics) noexcept;

}  // namespace gunicorn
