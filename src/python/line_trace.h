#pragma once

#include "python/python.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "python/ref.h"

namespace gunicorn::python {

/// Watches which line of a module binds which of some names: after every line of the module's own code the values of the names
/// are compared with those before. Installed for a scope; a trace function that was there before is put back. GIL held.
class LineTrace {
public:
    /// Watches `names` in `globals` while code compiled from `filename` runs at its top level.
    LineTrace(PyObject* globals, std::string filename, const std::vector<std::string_view>& names);
    LineTrace(const LineTrace&) = delete;
    LineTrace& operator=(const LineTrace&) = delete;
    ~LineTrace();

    /// The module ended: takes the bindings of its last line.
    void stop();
    /// The line that bound the name last; 0 when it was not seen.
    [[nodiscard]] int line_of(std::string_view name) const;

private:
    static int on_event(PyObject* self, PyFrameObject* frame, int what, PyObject* argument);
    void uninstall();
    void compare(int line);
    [[nodiscard]] bool is_module_code(PyCodeObject* code) const;

    struct Watched {
        Ref key;
        PyObject* value = nullptr;  // lent by the globals; compared, never used
        int line = 0;
    };
    PyObject* globals_;
    std::string filename_;
    std::vector<Watched> watched_;
    std::unordered_map<std::string_view, std::size_t> index_;
    Ref previous_;  // what sys.gettrace() said
    Ref capsule_;
    PyCodeObject* module_code_ = nullptr;  // lent; the frame that runs it keeps it
    int current_line_ = 0;
    bool active_ = false;
};

}  // namespace gunicorn::python
