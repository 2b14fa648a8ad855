#include "python/wsgi/wsgi_application.h"

#include <algorithm>

#include "base/text.h"
#include "http/header_rules.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "python/convert.h"
#include "python/guard.h"
#include "python/runtime.h"
#include "python/wsgi/call_context.h"
#include "python/wsgi/client_socket.h"
#include "python/wsgi/hook_objects.h"
#include "python/wsgi/input.h"
#include "python/wsgi/start_response.h"

namespace gunicorn::python {

using gateway::ObjectView;
using gateway::WorkerView;

/// Everything of one call: the environ, start_response, the iterable. Pulled by the dispatch.
class WsgiResponse final : public gateway::ResponseSource {
public:
    WsgiResponse(WsgiApplication& application, gateway::Exchange& exchange)
        : application_(application), exchange_(exchange), loan_(exchange) {}
    ~WsgiResponse() override {
        if (!finished_) static_cast<void>(WsgiResponse::finish({}));
    }

    /// From the request to the iterable.
    PyResult<void> start();

    Result<Piece> next() override;
    [[nodiscard]] std::optional<std::uint64_t> known_length() const override { return known_length_; }
    [[nodiscard]] std::optional<gateway::FilePart> file() const override { return file_; }
    [[nodiscard]] std::optional<std::string> environ_value(std::string_view lower_name) const override;
    [[nodiscard]] bool has_epilogue() const override {
        return !is_sequence_ || application_.has_post_request_ || application_.has_python_access_log();
    }
    Result<void> finish(const gateway::ResponseSummary& summary) override;

private:
    PyResult<Ref> call_application();
    PyResult<void> make_request();
    PyResult<void> run_pre_request();
    PyResult<void> take_result(Ref result);
    PyResult<void> take_file(PyObject* wrapper);
    PyResult<Piece> next_piece();
    PyResult<Ref> next_item();
    PyResult<void> close();
    [[nodiscard]] bool has_answered_itself() const;
    [[nodiscard]] bool is_excluded() const;
    [[nodiscard]] Ref value_of(std::string_view name) const;
    [[nodiscard]] Ref value_in_any_case(std::string_view lower_name) const;
    void release_objects();
    Result<void> run_post_request(const gateway::ResponseSummary& summary);

    WsgiApplication& application_;
    gateway::Exchange& exchange_;
    ExchangeLoan loan_;
    CallContext context_;
    Ref environ_;
    Ref input_;
    CallObjects objects_;
    Ref request_;  // only when somebody asks for it
    Ref result_;   // what the application returned
    Ref iterator_;  // unless the result is a list or tuple
    Ref item_;     // keeps the piece that was handed out
    Py_ssize_t index_ = 0;  // into a list or tuple
    bool is_sequence_ = false;
    bool finished_ = false;
    std::optional<std::uint64_t> known_length_;
    std::optional<gateway::FilePart> file_;
    Ref file_owner_;
};

namespace {

bool is_list_or_tuple(PyObject* object) { return PyList_CheckExact(object) || PyTuple_CheckExact(object); }

PyObject* item_at(PyObject* sequence, Py_ssize_t i) {
    return PyList_CheckExact(sequence) ? PyList_GET_ITEM(sequence, i) : PyTuple_GET_ITEM(sequence, i);
}

Py_ssize_t length_of(PyObject* sequence) {
    return PyList_CheckExact(sequence) ? PyList_GET_SIZE(sequence) : PyTuple_GET_SIZE(sequence);
}

}  // namespace

PyResult<std::unique_ptr<gateway::Application>> WsgiApplication::create(Runtime& runtime, Ref callable, Ref worker,
                                                                        const gateway::ApplicationOptions& options) {
    if (PyCallable_Check(callable.get()) == 0) return raised(PyExc_TypeError, "the application object must be callable");
    GN_TRY(EnvironBuilder environ, EnvironBuilder::create(runtime.config_object(), options));
    std::unique_ptr<WsgiApplication> application(
        new WsgiApplication(runtime, std::move(callable), std::move(worker), std::move(environ)));
    GN_TRY(const Ref core, import_module("gunicorn._core"));
    GN_TRY(application->input_type_, attribute(core.get(), "Input"));
    GN_TRY(application->objects_, CallObjectPool::create());
    GN_TRY(application->empty_input_, make_input(application->input_type_.get(), nullptr));
    GN_TRY(const Ref wsgi, import_module("gunicorn.http.wsgi"));
    GN_TRY(application->file_wrapper_type_, attribute(wsgi.get(), "FileWrapper"));

    const config::Settings& settings = *runtime.generation().settings;
    application->has_pre_request_ = settings.pre_request.is_set;
    application->has_post_request_ = settings.post_request.is_set;
    application->sendfile_ = settings.sendfile.value_or(true);
    application->access_exclusions_ = config::AccessExclusions::of(settings.access_log_exclude);
    return std::unique_ptr<gateway::Application>(std::move(application));
}

bool WsgiApplication::has_python_access_log() const {
    return runtime_.log_choice().logs_access.load(std::memory_order_relaxed);
}

Result<std::unique_ptr<gateway::ResponseSource>> WsgiApplication::call(gateway::Exchange& exchange) {
    auto response = std::make_unique<WsgiResponse>(*this, exchange);
    if (auto started = response->start(); !started) {
        Error error = started.error().to_error();
        static_cast<void>(response->finish({}));
        return Unexpected{std::move(error)};
    }
    return std::unique_ptr<gateway::ResponseSource>(std::move(response));
}

PyResult<void> WsgiResponse::make_request() {
    if (request_) return {};
    GN_TRY(request_, make_request_object(application_.environ_, exchange_, input_.get()));
    return {};
}

// Gunicorn: SyncWorker.handle_request. What pre_request raises ends the request.
PyResult<void> WsgiResponse::run_pre_request() {
    GN_CHECK(make_request());
    const config::HookValue& hook = application_.runtime_.generation().settings->pre_request;
    const Ref callable = application_.runtime_.generation().objects->get(hook.callable);
    GN_TRY(const Ref done, owned(PyObject_CallFunctionObjArgs(callable.get(), application_.worker_.get(), request_.get(), nullptr)));
    return {};
}

PyResult<void> WsgiResponse::start() {
    GN_TRY(context_, CallContext::create());
    const CallContext::Scope in_context(context_);
    GN_TRY(objects_, application_.objects_.take(loan_));
    if (exchange_.body().size() == 0) {
        input_ = application_.empty_input_;
    } else {
        GN_TRY(input_, make_input(application_.input_type_.get(), &exchange_.body()));
    }
    if (application_.has_pre_request_) {
        GN_CHECK(run_pre_request());
        GN_TRY(const Ref headers, attribute(request_.get(), "headers"));
        GN_TRY(const Ref scheme, attribute(request_.get(), "scheme"));
        GN_TRY(environ_, application_.environ_.build(exchange_, input_.get(), objects_, to_text(scheme.get()), headers.get()));
    } else {
        GN_TRY(environ_, application_.environ_.build(exchange_, input_.get(), objects_, exchange_.scheme(), nullptr));
    }
    auto result = call_application();
    if (has_answered_itself()) exchange_.hand_over();
    // Gunicorn: gthread.handle. Whoever answered over gunicorn.socket may leave so, as python-simple-websocket does.
    if (!result && has_answered_itself() && result.error().matches(PyExc_StopIteration)) return {};
    GN_CHECK(result);
    return take_result(*std::move(result));
}

PyResult<Ref> WsgiResponse::call_application() {
    const ExchangeLoan::Scope running(loan_);
    PyObject* arguments[] = {nullptr, environ_.get(), objects_.start_response.get()};
    Ref result = Ref::steal(PyObject_Vectorcall(application_.callable_.get(), arguments + 1,
                                                2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
    const PyResult<void> outcome = result ? PyResult<void>() : PyResult<void>(Unexpected{Exception::take()});
    application_.runtime_.end_application_fork(outcome);
    GN_CHECK(outcome);
    return result;
}

/// A request for an upgrade, or one without start_response, that was answered over gunicorn.socket: nothing more is sent.
/// Other requests may look at their socket, and send an interim response over it.
bool WsgiResponse::has_answered_itself() const {
    return was_sent_over(objects_.socket.get()) &&
           (exchange_.head().wants_upgrade() || !was_called(objects_.start_response.get()));
}

PyResult<void> WsgiResponse::take_result(Ref result) {
    result_ = std::move(result);
    if (is_list_or_tuple(result_.get())) {
        is_sequence_ = true;
        std::uint64_t total = 0;
        for (Py_ssize_t i = 0; i < length_of(result_.get()); ++i) {
            PyObject* item = item_at(result_.get(), i);
            if (!PyBytes_Check(item)) return {};  // complained about when it is its turn
            total += static_cast<std::uint64_t>(PyBytes_GET_SIZE(item));
        }
        // To HEAD an application may answer with an empty body: that says nothing about the length of the GET's.
        if (!exchange_.head_sent() && !exchange_.head().is_head()) known_length_ = total;
        return {};
    }
    if (reinterpret_cast<PyObject*>(Py_TYPE(result_.get())) == application_.file_wrapper_type_.get() &&
        application_.sendfile_ && was_called(objects_.start_response.get())) {
        GN_CHECK(take_file(result_.get()));
        if (file_) return {};
    }
    // What is returned after the answer was given otherwise need not be a body.
    if (has_answered_itself() && Py_TYPE(result_.get())->tp_iter == nullptr) return {};
    GN_TRY(iterator_, owned(PyObject_GetIter(result_.get())));
    return {};
}

// Gunicorn: Response.sendfile. Whatever has no descriptor or no position is iterated instead.
PyResult<void> WsgiResponse::take_file(PyObject* wrapper) {
    GN_TRY(const Ref described, owned(PyObject_CallMethod(wrapper, "_file_part", nullptr)));
    if (described.get() == Py_None) return {};
    int fd = -1;
    unsigned long long offset = 0;
    unsigned long long size = 0;
    if (PyArg_ParseTuple(described.get(), "iKK", &fd, &offset, &size) == 0) return Unexpected{Exception::take()};
    const auto declared = exchange_.response().content_length();
    const std::uint64_t wanted = declared ? std::min<std::uint64_t>(*declared, size) : size;
    file_ = gateway::FilePart{fd, offset, wanted};
    if (!exchange_.head().is_head()) known_length_ = wanted;
    return {};
}

PyResult<Ref> WsgiResponse::next_item() {
    if (is_sequence_) {
        if (index_ >= length_of(result_.get())) return Ref();
        return Ref::borrow(item_at(result_.get(), index_++));
    }
    if (!iterator_) return Ref();
    const ExchangeLoan::Scope running(loan_);
    Ref item = Ref::steal(PyIter_Next(iterator_.get()));
    const bool raised_error = !item && PyErr_Occurred() != nullptr;
    const PyResult<void> outcome = raised_error ? PyResult<void>(Unexpected{Exception::take()}) : PyResult<void>();
    application_.runtime_.end_application_fork(outcome);
    GN_CHECK(outcome);
    return item;
}

PyResult<gateway::ResponseSource::Piece> WsgiResponse::next_piece() {
    for (;;) {
        auto next = next_item();
        if (has_answered_itself()) {
            exchange_.hand_over();
            if (next && *next) continue;
            GN_CHECK(next);
            return Piece{{}, true};
        }
        GN_TRY(item_, std::move(next));
        if (item_ && !PyBytes_Check(item_.get())) {
            PyErr_Format(PyExc_TypeError, "the body of a response consists of bytes, not %.100s", Py_TYPE(item_.get())->tp_name);
            return Unexpected{Exception::take()};
        }
        const std::string_view bytes = item_ ? std::string_view(PyBytes_AS_STRING(item_.get()),
                                                                static_cast<std::size_t>(PyBytes_GET_SIZE(item_.get())))
                                             : std::string_view();
        // PEP 3333: the head waits for the first string that is not empty.
        if (item_ && bytes.empty()) continue;
        if (!was_called(objects_.start_response.get())) {
            return raised(PyExc_AssertionError, "the application did not call start_response before its first output");
        }
        const bool last = !item_ || (is_sequence_ && index_ >= length_of(result_.get()));
        return Piece{bytes, last};
    }
}

Result<gateway::ResponseSource::Piece> WsgiResponse::next() {
    if (is_sequence_) return exported(next_piece());
    const CallContext::Scope in_context(context_);
    return exported(next_piece());
}

// Gunicorn: Logger.atoms. Names are looked up in lower case there, so that those of CGI are found as well.
std::optional<std::string> WsgiResponse::environ_value(std::string_view lower_name) const {
    if (!environ_) return std::nullopt;
    Ref value = value_of(lower_name);
    if (!value) value = value_of(text::to_upper(lower_name));
    if (!value) value = value_in_any_case(lower_name);
    if (!value) return std::nullopt;
    const Ref text = Ref::steal(PyObject_Str(value.get()));
    PyErr_Clear();
    return text ? std::optional(to_text(text.get())) : std::nullopt;
}

Ref WsgiResponse::value_of(std::string_view name) const {
    const Ref key = latin1(name);
    PyObject* value = key ? PyDict_GetItemWithError(environ_.get(), key.get()) : nullptr;
    PyErr_Clear();
    return value != nullptr ? Ref::borrow(value) : Ref();
}

Ref WsgiResponse::value_in_any_case(std::string_view lower_name) const {
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(environ_.get(), &at, &key, &value) != 0;) {
        if (PyUnicode_Check(key) && text::equal_ignoring_case(to_text(key), lower_name)) return Ref::borrow(value);
    }
    return {};
}

PyResult<void> WsgiResponse::close() {
    if (!result_ || is_sequence_) return {};
    const Ref method = Ref::steal(PyObject_GetAttrString(result_.get(), "close"));
    if (!method) {
        PyErr_Clear();
        return {};
    }
    GN_TRY(const Ref done, owned(PyObject_CallNoArgs(method.get())));
    return {};
}

/// Whether access_log_exclude keeps the request from the Python access log.
bool WsgiResponse::is_excluded() const {
    if (application_.access_exclusions_.is_empty()) return false;
    std::string path;
    http::percent_decode(exchange_.head().path(), path);
    return application_.access_exclusions_.has(path, exchange_.response().status_code());
}

// Gunicorn: SyncWorker.handle. The hook runs after failures too, then with an empty environ and without a response.
Result<void> WsgiResponse::run_post_request(const gateway::ResponseSummary& summary) {
    Ref response = Ref::none();
    Ref environ = environ_;
    auto prepare = [&]() -> PyResult<void> {
        GN_CHECK(make_request());
        PyObject* headers = objects_ ? headers_of(objects_.start_response.get()) : nullptr;
        if (headers != nullptr) {
            GN_TRY(response, make_response_object(exchange_, request_.get(), headers, summary));
        }
        if (!environ) {
            GN_TRY(environ, owned(PyDict_New()));
        }
        if (!application_.has_python_access_log() || response.get() == Py_None || !exchange_.is_answer()) return {};
        if (is_excluded()) return {};
        const double seconds = std::chrono::duration<double>(summary.elapsed).count();
        GN_TRY(const Ref module, import_module("gunicorn.glogging"));
        GN_TRY(const Ref logged,
               owned(PyObject_CallMethod(module.get(), "_native_access", "OOOOd", application_.runtime_.log_object(),
                                         response.get(), request_.get(), environ.get(), seconds)));
        exchange_.access_logged();
        return {};
    };
    GN_CHECK(exported(prepare()));
    if (!application_.has_post_request_) return {};
    const gateway::HookArgument arguments[] = {WorkerView{application_.runtime_.current_worker_age()},
                                               ObjectView{request_.get()}, ObjectView{environ.get()},
                                               ObjectView{response.get() == Py_None ? nullptr : response.get()}};
    return application_.runtime_.call(application_.runtime_.generation().settings->post_request, arguments);
}

void WsgiResponse::release_objects() {
    iterator_.reset();
    result_.reset();
    request_.reset();
    environ_.reset();
    if (input_ && input_.get() != application_.empty_input_.get()) release_input(input_.get());
    if (objects_) application_.objects_.give_back(std::move(objects_));
}

Result<void> WsgiResponse::finish(const gateway::ResponseSummary& summary) {
    finished_ = true;
    const CallContext::Scope in_context(context_);
    std::optional<Error> first;
    {
        const ExchangeLoan::Scope running(loan_);
        if (auto closed = exported(close()); !closed) first = std::move(closed).error();
        if (application_.has_post_request_ || application_.has_python_access_log()) {
            if (auto ran = run_post_request(summary); !ran && !first) first = std::move(ran).error();
        }
    }
    release_objects();
    if (first) return Unexpected{*std::move(first)};
    return {};
}

}  // namespace gunicorn::python
