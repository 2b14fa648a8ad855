#pragma once

#include "python/python.h"

#include <optional>
#include <string>
#include <vector>

#include "python/ref.h"

namespace gunicorn::python {

/// The modules that one loading of the configuration imported, and what it made of os.environ and sys.path
/// (gunicorn._modules): a reload reads them anew, as far as Python allows. What fails here is reported as an unraisable
/// exception: then a module is not read anew. GIL held for everything.
class ConfigurationModules {
public:
    /// Before the configuration is read.
    ConfigurationModules();

    /// Its files have been run: what is new is its own. Before anything else changes the environment.
    void read() { call("read"); }
    /// So are modules that came since: those of classes and hooks that settings name.
    void imported() { call("imported"); }
    /// Takes them out of sys.modules: those that are the project's own, or of these only the named ones. The environment and
    /// sys.path are as they were before read().
    void forget(const std::optional<std::vector<std::string>>& only);
    /// It is not in force any more, or again; what ProcessState has changed since has been taken back.
    void discard() { call("discard"); }
    void put_back() { call("put_back"); }

private:
    void call(const char* method);

    Ref modules_;
};

}  // namespace gunicorn::python
