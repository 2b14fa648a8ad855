#include "python/object_table.h"

#include "python/convert.h"
#include "python/error.h"

namespace gunicorn::python {

config::ObjectHandle ObjectTable::add(PyObject* object) {
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        if (objects_[i].get() == object) return {generation_, static_cast<std::uint32_t>(i)};
    }
    objects_.push_back(Ref::borrow(object));
    return {generation_, static_cast<std::uint32_t>(objects_.size() - 1)};
}

Ref ObjectTable::get(config::ObjectHandle handle) const {
    GN_ASSERT(handle.generation == generation_ && handle.index < objects_.size(), "a handle is used with its own table");
    return objects_[handle.index];
}

bool ObjectTable::is_callable(config::ObjectHandle object) const { return PyCallable_Check(get(object).get()) != 0; }

bool ObjectTable::is_class(config::ObjectHandle object) const { return PyType_Check(get(object).get()) != 0; }

// Gunicorn: util.get_arity counts the positional parameters of inspect.signature(f).
int ObjectTable::arity(config::ObjectHandle object) const {
    const Ref inspect = Ref::steal(PyImport_ImportModule("inspect"));
    const Ref signature =
        inspect ? Ref::steal(PyObject_CallMethod(inspect.get(), "signature", "O", get(object).get())) : Ref();
    const Ref parameters = signature ? Ref::steal(PyObject_GetAttrString(signature.get(), "parameters")) : Ref();
    const Ref values = parameters ? Ref::steal(PyMapping_Values(parameters.get())) : Ref();
    if (!values) {
        PyErr_Clear();
        return -1;
    }
    constexpr long kPositionalOnly = 0;       // inspect.Parameter.POSITIONAL_ONLY
    constexpr long kPositionalOrKeyword = 1;  // inspect.Parameter.POSITIONAL_OR_KEYWORD
    int count = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values.get()); ++i) {
        const Ref kind = Ref::steal(PyObject_GetAttrString(PyList_GET_ITEM(values.get(), i), "kind"));
        const long number = kind ? PyLong_AsLong(kind.get()) : -1;
        if (PyErr_Occurred() != nullptr) PyErr_Clear();
        if (number == kPositionalOnly || number == kPositionalOrKeyword) ++count;
    }
    return count;
}

std::string ObjectTable::type_name(config::ObjectHandle object) const {
    const Ref type = Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(get(object).get())));
    const Ref name = Ref::steal(PyObject_GetAttrString(type.get(), "__name__"));
    if (!name) PyErr_Clear();
    return name ? to_text(name.get()) : std::string("object");
}

std::string ObjectTable::repr(config::ObjectHandle object) const { return repr_of(get(object).get()); }

std::string ObjectTable::qualified_name(config::ObjectHandle object) const {
    const Ref thing = get(object);
    const Ref module = Ref::steal(PyObject_GetAttrString(thing.get(), "__module__"));
    PyErr_Clear();
    const Ref name = Ref::steal(PyObject_GetAttrString(thing.get(), "__qualname__"));
    PyErr_Clear();
    if (!name || !PyUnicode_Check(name.get())) return repr_of(thing.get());
    if (!module || !PyUnicode_Check(module.get())) return to_text(name.get());
    return to_text(module.get()) + "." + to_text(name.get());
}

// Gunicorn: util.import_app is for applications; hooks go through validate_callable, which splits at the last dot.
std::variant<config::ObjectHandle, std::string> ObjectTable::import_object(const std::string& dotted) {
    const auto dot = dotted.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == dotted.size()) {
        return "'" + dotted + "' is not an import string; write module[.submodules...].object";
    }
    const std::string module_name = dotted.substr(0, dot);
    const std::string object_name = dotted.substr(dot + 1);
    const Ref module = Ref::steal(PyImport_ImportModule(module_name.c_str()));
    if (!module) return Exception::take().summary();
    const Ref object = Ref::steal(PyObject_GetAttrString(module.get(), object_name.c_str()));
    if (!object) {
        PyErr_Clear();
        return "cannot load '" + object_name + "' from '" + module_name + "'";
    }
    return add(object.get());
}

std::variant<config::RawValue, std::string> ObjectTable::call(config::ObjectHandle function) {
    const Ref result = Ref::steal(PyObject_CallNoArgs(get(function).get()));
    if (!result) return Exception::take().summary();
    return to_raw(result.get(), *this);
}

}  // namespace gunicorn::python
