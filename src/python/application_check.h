#pragma once

#include "python/python.h"

#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace gunicorn::python {

class Runtime;

/// How an application was named.
struct NamedApplication {
    std::string uri;              ///< "module:name"; empty for the one of a paste file
    Origin origin;                ///< who named it
    std::string start_directory;  ///< files below it are shown relative to it
};

struct SlowImport {
    std::string module;
    double seconds = 0;  ///< without the imports inside of it
};

/// What importing an application showed.
struct ApplicationReport {
    Diagnostics diagnostics;
    std::string description;  ///< "app:app, function in app.py:12"; empty when it did not load
    double seconds = 0;
    long resident_before = 0;  ///< memory of the process in KiB
    long resident_after = 0;
    std::vector<SlowImport> slowest;  ///< the five slowest, slowest first
    std::string traceback;            ///< of the user's frames, where the application raised
};

/// Imports the application of `runtime` in this process, which is set up like a worker's, and judges it; findings point at
/// the user's code where the fault is there, else at where the application was named. Blocks as long as the import runs. GIL
/// held.
[[nodiscard]] ApplicationReport check_application(const Runtime& runtime, const NamedApplication& named);

/// "app:app, function in app.py:12; imported in 0.31 s, 12.4 MiB; slowest imports: django.db 0.11 s, ..."; empty when it did
/// not load.
[[nodiscard]] std::string summary(const ApplicationReport& report);

}  // namespace gunicorn::python
