#pragma once

#include "python/python.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "python/ref.h"

namespace gunicorn::python {

/// Watches which line of which file binds which of some names: after every line of the top-level code of the followed files
/// the values of the names are compared with those before. Also which environment variables are read meanwhile.
/// Installed for a scope; a trace function that was there before is put back. A file that runs very many lines is not
/// watched to its end: what it binds afterwards has no line. GIL held.
class LineTrace {
public:
    struct Place {
        int file = -1;           ///< the number that follow() gave; -1 when nothing was seen
        int line = 0;            ///< 0: bound after somebody else's trace function had replaced this one
        std::uint64_t when = 0;  ///< counts the lines that ran until then
    };

    explicit LineTrace(const std::vector<std::string_view>& names);
    LineTrace(const LineTrace&) = delete;
    LineTrace& operator=(const LineTrace&) = delete;
    ~LineTrace();

    /// The namespace whose bindings count, lent until stop(). Without it, that of the first followed code that runs.
    void watch(PyObject* globals);
    /// Top-level code that was compiled from `filename` counts from now on. Files are numbered from 0.
    int follow(std::string filename);
    /// The code ended: takes the bindings of its last line.
    void stop();

    /// Where the name was bound last.
    [[nodiscard]] Place place_of(std::string_view name) const;
    /// When one of the lines ran last, in the count of Place::when; 0: never.
    [[nodiscard]] std::uint64_t last_run(int file, int first_line, int last_line) const;
    /// Environment variables that were read while the lines ran, in functions they called too.
    [[nodiscard]] std::vector<std::string> variables_of(int file, int first_line, int last_line) const;

private:
    static int on_event(PyObject* self, PyFrameObject* frame, int what, PyObject* argument);
    void handle(PyFrameObject* frame, int what);
    void uninstall();
    void give_up();
    void settle();
    void take_variables();
    /// The number of the file when this is top-level code of a followed one; else -1.
    int file_of(PyCodeObject* code);

    struct Watched {
        Ref key;
        PyObject* value = nullptr;  // lent by the globals; compared, never used
        Place place;
    };
    PyObject* globals_ = nullptr;
    std::vector<std::string> files_;
    std::vector<Watched> watched_;
    std::unordered_map<std::string_view, std::size_t> index_;
    std::unordered_map<PyCodeObject*, int> codes_;  // every code object that was met
    std::vector<Ref> kept_codes_;                   // so that none of their addresses is used again
    std::vector<Place> callers_;                    // where followed code that runs now was started from
    std::map<std::pair<int, int>, std::set<std::string>> variables_;
    std::vector<std::vector<std::uint64_t>> runs_;  // by file and line: when it ran last
    Ref variables_read_;                            // the list that gunicorn._checks.environment fills
    Ref previous_;                                  // what sys.gettrace() said
    Ref capsule_;
    Place current_;
    std::uint64_t version_ = 0;
    std::uint64_t steps_ = 0;  // lines that ran
    bool active_ = false;
};

}  // namespace gunicorn::python
