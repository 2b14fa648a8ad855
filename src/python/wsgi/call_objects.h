#pragma once

#include "python/python.h"

#include <vector>

#include "python/error.h"
#include "python/wsgi/exchange_loan.h"

namespace gunicorn::python {

/// The objects of one call that an application may use, and mostly does not: bound to the loan of its exchange while it lasts.
struct CallObjects {
    Ref start_response;
    Ref early_hints;
    Ref socket;

    explicit operator bool() const noexcept { return static_cast<bool>(start_response); }
};

/// Makes them, and gives those that nobody has kept to the next call: a request that does not look at them pays for none.
/// GIL held throughout.
class CallObjectPool {
public:
    static PyResult<CallObjectPool> create();

    PyResult<CallObjects> take(ExchangeLoan& loan);
    /// After this they raise when they are used. The environ of the call is gone, or somebody else's.
    void give_back(CallObjects objects);

private:
    Ref start_response_type_;
    Ref socket_type_;
    std::vector<CallObjects> spare_;
};

}  // namespace gunicorn::python
