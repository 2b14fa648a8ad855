#pragma once
// What a hook is handed, as code without Python sees it. `python` finds or makes the Python object behind each.

#include <cstdint>
#include <optional>
#include <variant>

namespace gunicorn::gateway {

/// The one `server` object of this process (gunicorn.arbiter.Arbiter).
struct ServerView {
    bool operator==(const ServerView&) const = default;
};

/// The `worker` object with this age; ages are unique in the life of a master.
struct WorkerView {
    std::uint64_t age = 0;
    bool operator==(const WorkerView&) const = default;
};

/// A Python object lent for the call (PyObject*): request, environ, response. Null stands for None.
struct ObjectView {
    void* object = nullptr;
    bool operator==(const ObjectView&) const = default;
};

/// A number of workers; nothing stands for None.
using CountView = std::optional<std::int64_t>;

using HookArgument = std::variant<ServerView, WorkerView, ObjectView, CountView>;

}  // namespace gunicorn::gateway
