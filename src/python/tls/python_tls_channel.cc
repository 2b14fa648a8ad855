#include "python/tls/python_tls_channel.h"

#include <string>
#include <utility>

#include "python/convert.h"
#include "python/names.h"

namespace gunicorn::python {
namespace {

using gateway::TlsFact;
using gateway::TlsStatus;

constexpr const char* kFactNames[] = {
    "SSL_PROTOCOL",        "SSL_CIPHER",         "SSL_CIPHER_USEKEYSIZE", "SSL_TLS_SNI",
    "SSL_SESSION_RESUMED", "SSL_CLIENT_VERIFY",  "SSL_CLIENT_S_DN",       "SSL_CLIENT_I_DN",
    "SSL_CLIENT_M_SERIAL", "SSL_CLIENT_V_START", "SSL_CLIENT_V_END",      "SSL_CLIENT_CERT",
};

/// What all channels of a worker share. GIL held to make and destroy one, and for everything in it.
struct Shared {
    explicit Shared(Interruption& where) : interruption(where) {}

    Interruption& interruption;
    Ref context;
    Ref open_connection, facts;    // of gunicorn._tls
    Ref wants_read, said_goodbye;  // SSLWantReadError, SSLZeroReturnError
    Ref do_handshake = interned("do_handshake");
    Ref read = interned("read");
    Ref write = interned("write");
    Ref unwrap = interned("unwrap");
    Ref pending = interned("pending");
};

/// "[SSL: NO_SHARED_CIPHER] no shared cipher (_ssl.c:1006)" is for those who build Python.
std::string reason_of(const Exception& exception) {
    std::string text = exception.summary();
    if (const auto place = text.rfind(" (_ssl.c:"); place != std::string::npos) text.erase(place);
    if (const auto tag = text.find("] "); text.find("[SSL") != std::string::npos && tag != std::string::npos)
        text.erase(0, tag + 2);
    return text;
}

/// The number in an attribute or answer of Python, whose type promises one.
std::size_t size_of(PyObject* number) {
    const std::size_t size = PyLong_AsSize_t(number);
    if (PyErr_Occurred() != nullptr) PyErr_Clear();
    return size;
}

class PythonTlsChannel final : public gateway::TlsChannel {
public:
    /// `connection` is what gunicorn._tls.open_connection() answers.
    PythonTlsChannel(Shared& shared, PyObject* connection)
        : shared_(shared),
          ssl_object_(Ref::borrow(PyTuple_GET_ITEM(connection, 0))),
          incoming_(Ref::borrow(PyTuple_GET_ITEM(connection, 1))),
          outgoing_(Ref::borrow(PyTuple_GET_ITEM(connection, 2))) {}
    PythonTlsChannel(const PythonTlsChannel&) = delete;
    PythonTlsChannel& operator=(const PythonTlsChannel&) = delete;
    ~PythonTlsChannel() override {
        const WithGil gil;
        ssl_object_.reset();
        incoming_.reset();
        outgoing_.reset();
    }

    void receive(std::string_view ciphertext) override {
        received_.append(ciphertext);
        may_go_on_ = true;
    }
    [[nodiscard]] bool may_go_on() const override { return may_go_on_; }

    TlsStatus handshake() override {
        const WithGil gil;
        const TlsStatus status = run([&]() -> PyResult<void> {
            GN_TRY(const Ref done, owned(PyObject_CallMethodNoArgs(ssl_object_.get(), shared_.do_handshake.get())));
            return {};
        });
        is_established_ = status == TlsStatus::ok;
        return status;
    }

    TlsStatus read(char* buffer, std::size_t size, std::size_t& count) override {
        const WithGil gil;
        const TlsStatus status = run([&]() -> PyResult<void> {
            GN_TRY(const Ref view, owned(PyMemoryView_FromMemory(buffer, static_cast<Py_ssize_t>(size), PyBUF_WRITE)));
            GN_TRY(const Ref most, owned(PyLong_FromSize_t(size)));
            GN_TRY(const Ref got, owned(PyObject_CallMethodObjArgs(ssl_object_.get(), shared_.read.get(), most.get(),
                                                                   view.get(), nullptr)));
            count = size_of(got.get());
            // A record is never left half read but for want of room: a needless attempt would cost an exception.
            GN_TRY(const Ref pending, owned(PyObject_GetAttr(incoming_.get(), shared_.pending.get())));
            may_go_on_ = count == size || size_of(pending.get()) > 0;
            return {};
        });
        return status == TlsStatus::ok && count == 0 ? TlsStatus::closed : status;
    }

    TlsStatus write(std::string_view plaintext) override {
        const WithGil gil;
        while (!plaintext.empty()) {
            const TlsStatus status = run([&]() -> PyResult<void> {
                GN_TRY(const Ref view,
                       owned(PyMemoryView_FromMemory(const_cast<char*>(plaintext.data()),
                                                     static_cast<Py_ssize_t>(plaintext.size()), PyBUF_READ)));
                GN_TRY(const Ref written,
                       owned(PyObject_CallMethodOneArg(ssl_object_.get(), shared_.write.get(), view.get())));
                plaintext.remove_prefix(size_of(written.get()));
                return {};
            });
            if (status == TlsStatus::wants_input) return fail("the peer asked for another handshake");
            if (status != TlsStatus::ok) return TlsStatus::failed;
        }
        return TlsStatus::ok;
    }

    void shut_down() override {
        if (!is_established_) return;
        const WithGil gil;
        is_established_ = false;
        // It would wait for the peer's goodbye; ours is on its way by then.
        run([&]() -> PyResult<void> {
            GN_TRY(const Ref done, owned(PyObject_CallMethodNoArgs(ssl_object_.get(), shared_.unwrap.get())));
            return {};
        });
    }

    [[nodiscard]] std::string& output() override { return output_; }
    [[nodiscard]] const std::string& failure() const override { return failure_; }

    std::vector<TlsFact> facts() override {
        const WithGil gil;
        PyResult<std::vector<TlsFact>> facts = collect_facts();
        if (facts) return *std::move(facts);
        judge(std::move(facts).error());
        return {};
    }

private:
    /// Hands over what was received, calls, and takes what is to be sent.
    template <class Call>
    TlsStatus run(Call&& call) {
        if (!failure_.empty()) return TlsStatus::failed;
        TlsStatus status = TlsStatus::ok;
        PyResult<void> called = feed();
        if (called) called = std::forward<Call>(call)();
        if (!called) status = judge(std::move(called).error());
        if (PyResult<void> drained = drain(); !drained) status = judge(std::move(drained).error());
        return status;
    }

    PyResult<void> feed() {
        if (received_.empty()) return {};
        GN_TRY(const Ref view,
               owned(PyMemoryView_FromMemory(received_.data(), static_cast<Py_ssize_t>(received_.size()), PyBUF_READ)));
        GN_TRY(const Ref written, owned(PyObject_CallMethodOneArg(incoming_.get(), shared_.write.get(), view.get())));
        received_.clear();
        return {};
    }

    PyResult<void> drain() {
        GN_TRY(const Ref pending, owned(PyObject_GetAttr(outgoing_.get(), shared_.pending.get())));
        if (size_of(pending.get()) == 0) return {};
        GN_TRY(const Ref bytes, owned(PyObject_CallMethodNoArgs(outgoing_.get(), shared_.read.get())));
        output_.append(PyBytes_AS_STRING(bytes.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.get())));
        return {};
    }

    TlsStatus judge(Exception exception) {
        if (exception.matches(shared_.wants_read.get())) {
            may_go_on_ = false;
            return TlsStatus::wants_input;
        }
        if (exception.matches(shared_.said_goodbye.get())) return TlsStatus::closed;
        const TlsStatus status = fail(reason_of(exception));
        // A signal handler ran inside of the call and ends the process.
        if (!exception.matches(PyExc_Exception)) shared_.interruption.keep(std::move(exception));
        return status;
    }

    TlsStatus fail(std::string reason) {
        failure_ = std::move(reason);
        return TlsStatus::failed;
    }

    PyResult<std::vector<TlsFact>> collect_facts() {
        GN_TRY(const Ref found, owned(PyObject_CallOneArg(shared_.facts.get(), ssl_object_.get())));
        std::vector<TlsFact> facts;
        for (const char* name : kFactNames) {
            PyObject* value = PyDict_GetItemString(found.get(), name);  // lent
            if (value != nullptr) facts.push_back({name, to_text(value)});
        }
        return facts;
    }

    Shared& shared_;
    Ref ssl_object_;
    Ref incoming_;
    Ref outgoing_;
    std::string received_;
    std::string output_;
    std::string failure_;
    bool is_established_ = false;
    bool may_go_on_ = false;
};

/// The thread state of a thread of ours, which PyGILState_Ensure() finds.
class ThreadState final : public gateway::TlsChannelFactory::KnownThread {
public:
    ThreadState() : state_(PyGILState_Ensure()), saved_(PyEval_SaveThread()) {}
    ThreadState(const ThreadState&) = delete;
    ThreadState& operator=(const ThreadState&) = delete;
    ~ThreadState() override {
        PyEval_RestoreThread(saved_);
        PyGILState_Release(state_);
    }

private:
    PyGILState_STATE state_;
    PyThreadState* saved_;
};

class PythonTlsChannels final : public gateway::TlsChannelFactory {
public:
    explicit PythonTlsChannels(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
    ~PythonTlsChannels() override {
        const WithGil gil;
        shared_.reset();
    }

    Result<std::unique_ptr<gateway::TlsChannel>> make_channel() override {
        const WithGil gil;
        GN_TRY(const Ref connection,
               exported(owned(PyObject_CallOneArg(shared_->open_connection.get(), shared_->context.get()))));
        return std::make_unique<PythonTlsChannel>(*shared_, connection.get());
    }

    std::unique_ptr<KnownThread> know_this_thread() override { return std::make_unique<ThreadState>(); }

private:
    std::unique_ptr<Shared> shared_;
};

}  // namespace

PyResult<std::unique_ptr<gateway::TlsChannelFactory>> make_python_tls_channels(Ref context, Interruption& interruption) {
    GN_TRY(const Ref ssl, import_module("ssl"));
    GN_TRY(const Ref ours, import_module("gunicorn._tls"));
    auto shared = std::make_unique<Shared>(interruption);
    shared->context = std::move(context);
    GN_TRY(shared->open_connection, attribute(ours.get(), "open_connection"));
    GN_TRY(shared->facts, attribute(ours.get(), "facts"));
    GN_TRY(shared->wants_read, attribute(ssl.get(), "SSLWantReadError"));
    GN_TRY(shared->said_goodbye, attribute(ssl.get(), "SSLZeroReturnError"));
    return std::make_unique<PythonTlsChannels>(std::move(shared));
}

}  // namespace gunicorn::python
