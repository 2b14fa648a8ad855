#include "python/convert.h"

#include "python/object_table.h"

namespace gunicorn::python {

std::string to_text(PyObject* object) {
    Py_ssize_t size = 0;
    if (PyUnicode_Check(object)) {
        if (const char* utf8 = PyUnicode_AsUTF8AndSize(object, &size)) return {utf8, static_cast<std::size_t>(size)};
        PyErr_Clear();
        const Ref escaped = Ref::steal(PyUnicode_AsEncodedString(object, "utf-8", "backslashreplace"));
        if (escaped) return {PyBytes_AS_STRING(escaped.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(escaped.get()))};
    }
    PyErr_Clear();
    return {};
}

std::string repr_of(PyObject* object, std::size_t limit) {
    const Ref text = Ref::steal(PyObject_Repr(object));
    if (!text) {
        PyErr_Clear();
        return std::string("<") + Py_TYPE(object)->tp_name + " object>";
    }
    std::string words = to_text(text.get());
    if (words.size() > limit) {
        words.resize(limit);
        words += "...";
    }
    return words;
}

PyResult<Ref> to_str(std::string_view text) {
    return owned(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape"));
}

namespace {

constexpr int kDeepest = 32;

config::RawValue to_raw_within(PyObject* object, ObjectTable& table, int depth);

/// Of a list or tuple. A subclass may answer anything when it is iterated, so its items are taken as they lie there; code
/// that runs meanwhile may change it.
config::RawValue sequence_to_raw(PyObject* object, ObjectTable& table, int depth) {
    const bool is_list = PyList_Check(object) != 0;
    const auto size = [&] { return is_list ? PyList_GET_SIZE(object) : PyTuple_GET_SIZE(object); };
    config::List list;
    list.reserve(static_cast<std::size_t>(size()));
    for (Py_ssize_t i = 0; i < size(); ++i) {
        const Ref item = Ref::borrow(is_list ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i));
        list.push_back(to_raw_within(item.get(), table, depth + 1));
    }
    return list;
}

config::RawValue dictionary_to_raw(PyObject* object, ObjectTable& table, int depth) {
    const Ref copy = Ref::steal(PyDict_Copy(object));  // what runs meanwhile changes the original only
    PyErr_Clear();
    if (!copy) return table.add(object);
    config::Dict dict;
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    Py_ssize_t position = 0;
    while (PyDict_Next(copy.get(), &position, &key, &value) != 0) {
        if (!PyUnicode_Check(key)) return table.add(object);
        dict.emplace_back(to_text(key), to_raw_within(value, table, depth + 1));
    }
    return dict;
}

config::RawValue to_raw_within(PyObject* object, ObjectTable& table, int depth) {
    if (object == Py_None) return {};
    if (PyBool_Check(object)) return object == Py_True;
    if (PyLong_Check(object)) {
        int overflow = 0;
        const long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
        if (overflow == 0) return static_cast<std::int64_t>(number);
        return table.add(object);
    }
    if (PyFloat_Check(object)) return PyFloat_AS_DOUBLE(object);
    if (PyUnicode_Check(object)) return to_text(object);
    if (depth < kDeepest) {
        if (PyList_Check(object) || PyTuple_Check(object)) return sequence_to_raw(object, table, depth);
        if (PyDict_Check(object)) return dictionary_to_raw(object, table, depth);
    }
    return table.add(object);
}

}  // namespace

config::RawValue to_raw(PyObject* object, ObjectTable& table) { return to_raw_within(object, table, 0); }

PyResult<Ref> from_raw(const config::RawValue& value, const ObjectTable& table) {
    if (value.is_none()) return Ref::none();
    if (const auto* flag = value.get_if<bool>()) return owned(PyBool_FromLong(*flag ? 1 : 0));
    if (const auto* number = value.get_if<std::int64_t>()) return owned(PyLong_FromLongLong(*number));
    if (const auto* real = value.get_if<double>()) return owned(PyFloat_FromDouble(*real));
    if (const auto* text = value.get_if<std::string>()) return to_str(*text);
    if (const auto* handle = value.get_if<config::ObjectHandle>()) return table.get(*handle);
    if (const auto* list = value.get_if<config::List>()) {
        GN_TRY(Ref items, owned(PyList_New(0)));
        for (const config::RawValue& item : *list) {
            GN_TRY(const Ref element, from_raw(item, table));
            GN_CHECK(checked(PyList_Append(items.get(), element.get())));
        }
        return items;
    }
    GN_TRY(Ref items, owned(PyDict_New()));
    for (const auto& [key, item] : *value.get_if<config::Dict>()) {
        GN_TRY(const Ref name, to_str(key));
        GN_TRY(const Ref element, from_raw(item, table));
        GN_CHECK(checked(PyDict_SetItem(items.get(), name.get(), element.get())));
    }
    return items;
}

PyResult<Ref> attribute(PyObject* object, const char* name) { return owned(PyObject_GetAttrString(object, name)); }

PyResult<Ref> import_module(const char* name) { return owned(PyImport_ImportModule(name)); }

}  // namespace gunicorn::python
