#pragma once

namespace gunicorn::gateway {

/// Brackets every fork() of ours, so that the interpreter and at-fork hooks of the application survive it (PyOS_BeforeFork and
/// its two answers). GIL held in all three.
class ForkObserver {
public:
    virtual ~ForkObserver() = default;
    virtual void before_fork() = 0;
    virtual void after_fork_in_parent() = 0;
    virtual void after_fork_in_child() = 0;
};

}  // namespace gunicorn::gateway
