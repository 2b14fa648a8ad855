#pragma once
// Which findings count, and how much: -W, --strict and comments in the sources.

#include <vector>

#include "base/diagnostic.h"
#include "config/commands.h"
#include "config/report/source_texts.h"

namespace gunicorn::config {

/// Drops what a comment or -W ignores and changes severities as -W says, in this order; errors are never dropped or lowered:
/// what fails at start fails there all the same. Only those of fallible kinds are (DiagKind), since they may be wrong. A
/// comment
///
///     # gunicorn: ignore[GCF101, defined-twice]      or, for every code,      # gunicorn: ignore
///
/// counts for the line it ends, and standing alone for the next line that is no comment; ";" begins a comment in paste
/// files. A code that does not exist gives a warning of its own (unknown_code), for which the same rules count. With
/// `strict` the result is the same: callers ask is_acceptable().
[[nodiscard]] Diagnostics apply_policy(Diagnostics diagnostics, const std::vector<WarningRule>& rules,
                                       const SourceTexts& texts);

/// No errors, and under --strict no warnings.
[[nodiscard]] bool is_acceptable(const Diagnostics& diagnostics, Strictness strictness) noexcept;

}  // namespace gunicorn::config
