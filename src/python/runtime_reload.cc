// The half of Runtime that `reload` needs: which files to look at. The list is Python's (gunicorn._loaded_files).

#include "python/convert.h"
#include "python/runtime.h"

namespace gunicorn::python {
namespace {

/// One row of LoadedFiles.take(): (path as bytes, None, () or (modified, size, inode)).
PyResult<gateway::LoadedFile> to_loaded_file(PyObject* row) {
    const char* path = nullptr;
    Py_ssize_t size = 0;
    PyObject* known = nullptr;
    if (PyArg_ParseTuple(row, "y#O", &path, &size, &known) == 0) return Unexpected{Exception::take()};
    gateway::LoadedFile file{.path = std::string(path, static_cast<std::size_t>(size)), .is_known = known != Py_None};
    if (file.is_known && PyTuple_GET_SIZE(known) > 0) {
        long long modified = 0;
        long long bytes = 0;
        unsigned long long inode = 0;
        if (PyArg_ParseTuple(known, "LLK", &modified, &bytes, &inode) == 0) return Unexpected{Exception::take()};
        file.when_needed = FileSignature{.modified_ns = modified, .size = bytes, .inode = inode};
    }
    return file;
}

PyResult<std::vector<gateway::LoadedFile>> to_loaded_files(PyObject* rows) {
    std::vector<gateway::LoadedFile> files;
    for (Py_ssize_t i = 0; i < PyList_Size(rows); ++i) {
        GN_TRY(gateway::LoadedFile file, to_loaded_file(PyList_GET_ITEM(rows, i)));
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace

PyResult<Ref> Runtime::loaded_files() {
    if (!loaded_files_) {
        GN_TRY(const Ref module, import_module("gunicorn._loaded_files"));
        GN_TRY(loaded_files_, owned(PyObject_CallMethod(module.get(), "LoadedFiles", nullptr)));
    }
    return loaded_files_;
}

std::vector<gateway::LoadedFile> Runtime::take_loaded_files() {
    auto take = [&]() -> PyResult<std::vector<gateway::LoadedFile>> {
        GN_TRY(const Ref files, loaded_files());
        GN_TRY(const Ref rows, owned(PyObject_CallMethod(files.get(), "take", nullptr)));
        return to_loaded_files(rows.get());
    };
    auto taken = take();
    if (taken) return *std::move(taken);
    Exception(taken.error()).restore();
    PyErr_WriteUnraisable(loaded_files_.get());
    return {};
}

/// worker.reloader.
PyResult<void> Runtime::make_reloader(PyObject* worker) {
    GN_TRY(const Ref files, loaded_files());
    GN_TRY(const Ref module, import_module("gunicorn.reloader"));
    GN_TRY(const Ref extra_files, owned(PyObject_GetAttrString(config_object(), "reload_extra_files")));
    GN_TRY(const Ref reloader,
           owned(PyObject_CallMethod(module.get(), "WorkerReloader", "OO", files.get(), extra_files.get())));
    return checked(PyObject_SetAttrString(worker, "reloader", reloader.get()));
}

/// The files whose edit may mend it are watched from now on.
Error Runtime::broken_application(const Exception& exception) {
    const PyResult<Ref> files = loaded_files();
    const Ref text = files ? Ref::steal(PyObject_CallMethod((*files).get(), "failed", "O", exception.value())) : Ref();
    if (!text) PyErr_Clear();  // the modules are watched all the same
    Error error = exception.to_error();
    const bool is_told_to_end = worker_control_ != nullptr && !worker_control_->is_alive();
    if (error.kind == ErrorKind::app_import || (error.kind == ErrorKind::system_exit && is_told_to_end)) return error;
    return {ErrorKind::python, 0, text ? to_text(text.get()) : exception.traceback()};
}

}  // namespace gunicorn::python
