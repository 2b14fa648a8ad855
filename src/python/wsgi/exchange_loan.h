#pragma once

#include "python/python.h"

#include <semaphore>
#include <type_traits>
#include <utility>

#include "gateway/exchange.h"
#include "python/gil.h"
#include "python/guard.h"

namespace gunicorn::python {

/// The exchange of one request for the objects that an application holds: start_response, write(), early_hints,
/// gunicorn.socket. Application code may call them from any thread of its own and at any time; the exchange is for one thread
/// at a time, and belongs to the dispatch whenever no code of the request runs. GIL held, for all of it.
class ExchangeLoan {
public:
    explicit ExchangeLoan(gateway::Exchange& exchange) noexcept : exchange_(exchange) {}
    ExchangeLoan(const ExchangeLoan&) = delete;
    ExchangeLoan& operator=(const ExchangeLoan&) = delete;

    /// While it lives, code of the request runs. At its end nobody uses the exchange any more: it waits, without the GIL, for a
    /// thread of the application that does.
    class Scope {
    public:
        explicit Scope(ExchangeLoan& loan) noexcept : loan_(loan) { loan_.is_open_ = true; }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope() { loan_.end(); }

    private:
        ExchangeLoan& loan_;
    };

    /// For what keeps the GIL. An exception where the exchange is not to be had.
    PyResult<gateway::Exchange*> borrow() {
        if (!is_open_) return over();
        if (is_used_) return raised(PyExc_RuntimeError, "another thread uses the response: it is in write()");
        return &exchange_;
    }
    /// `loan` may be null: then the request is over. `use(exchange)` runs without the GIL and answers a Result.
    template <class Use, class T = typename std::invoke_result_t<Use, gateway::Exchange&>::value_type>
    static PyResult<T> use_without_gil(ExchangeLoan* loan, Use&& use) {
        if (loan == nullptr) return over();
        GN_TRY(gateway::Exchange* const exchange, loan->borrow());
        loan->is_used_ = true;
        Result<T> answer = [&] {
            const WithoutGil nogil;
            return use(*exchange);
        }();
        loan->is_used_ = false;
        if (std::exchange(loan->is_awaited_, false)) loan->returned_.release();
        if (!answer) return raised(answer.error());
        if constexpr (std::is_void_v<T>) {
            return {};
        } else {
            return *std::move(answer);
        }
    }
    static Unexpected<Exception> over() {
        return raised(PyExc_RuntimeError, "the request is over, or between two pieces of its response: write() and early_hints are "
                                          "for the application while it runs");
    }

private:
    void end() noexcept {
        is_open_ = false;
        if (!is_used_) return;
        is_awaited_ = true;
        const WithoutGil nogil;
        returned_.acquire();  // released with the GIL held: once it is back, nobody is in here
    }

    gateway::Exchange& exchange_;
    bool is_open_ = false;
    bool is_used_ = false;     // by a thread that gave the GIL away
    bool is_awaited_ = false;  // end() waits for it
    std::binary_semaphore returned_{0};
};

}  // namespace gunicorn::python
