#include "python/wsgi/call_objects.h"

#include "python/convert.h"
#include "python/wsgi/client_socket.h"
#include "python/wsgi/start_response.h"

namespace gunicorn::python {
namespace {

constexpr std::size_t kMostSpare = 16;

/// start_response is also held by early_hints, as its `self`.
bool nobody_kept(const CallObjects& objects) {
    return Py_REFCNT(objects.start_response.get()) == 2 && Py_REFCNT(objects.early_hints.get()) == 1 &&
           Py_REFCNT(objects.socket.get()) == 1;
}

}  // namespace

PyResult<CallObjectPool> CallObjectPool::create() {
    CallObjectPool pool;
    GN_TRY(const Ref core, import_module("gunicorn._core"));
    GN_TRY(pool.start_response_type_, attribute(core.get(), "StartResponse"));
    GN_TRY(pool.socket_type_, make_client_socket_type());
    return pool;
}

PyResult<CallObjects> CallObjectPool::take(ExchangeLoan& loan) {
    CallObjects objects;
    if (spare_.empty()) {
        GN_TRY(objects.start_response, make_start_response(start_response_type_.get()));
        GN_TRY(objects.early_hints, make_early_hints(objects.start_response.get()));
        GN_TRY(objects.socket, make_client_socket(socket_type_.get()));
    } else {
        objects = std::move(spare_.back());
        spare_.pop_back();
    }
    bind_start_response(objects.start_response.get(), loan);
    bind_client_socket(objects.socket.get(), loan);
    return objects;
}

void CallObjectPool::give_back(CallObjects objects) {
    release_start_response(objects.start_response.get());
    const bool is_fresh = !was_opened(objects.socket.get());
    release_client_socket(objects.socket.get());
    if (is_fresh && nobody_kept(objects) && spare_.size() < kMostSpare) spare_.push_back(std::move(objects));
}

}  // namespace gunicorn::python
