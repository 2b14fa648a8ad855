#pragma once

#include "python/python.h"

#include <string>

#include "base/diagnostic.h"

namespace gunicorn::python {

/// Watches what a configuration file does besides setting values (gunicorn._checks.side_effects). Made before the code
/// compiled from `path` runs; for a check only, since the interpreter keeps the audit hook for its life. GIL held.
class SideEffects {
public:
    explicit SideEffects(std::string path);
    SideEffects(const SideEffects&) = delete;
    SideEffects& operator=(const SideEffects&) = delete;
    /// Forgets what was seen when nobody took it.
    ~SideEffects() { static_cast<void>(take()); }

    /// The code ended: a note for each thing that it did, ten at most, and one that counts the rest. The working directory
    /// is what it was before. An exception that is set stays set. A process that the file forked ends in here.
    [[nodiscard]] Diagnostics take();

private:
    std::string path_;
    bool is_active_ = false;
};

}  // namespace gunicorn::python
