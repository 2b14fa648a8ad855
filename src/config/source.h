#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/origin.h"
#include "config/value.h"

namespace gunicorn::config {

/// One thing that one source said about one name. `setting` is the name as written; it may not exist.
struct Assignment {
    std::string setting;
    RawValue value;
    Origin origin;
};

/// Everything one source had to say, in order, and what was wrong with the source itself.
struct SourceReading {
    std::vector<Assignment> assignments;
    Diagnostics diagnostics;
};

/// A place where settings are written down.
class Source {
public:
    virtual ~Source() = default;
    /// Reads everything. Never fails as a whole: what is wrong is in `diagnostics`. May block on files; the config file
    /// source runs Python and needs the GIL.
    virtual SourceReading read() = 0;
};

}  // namespace gunicorn::config
