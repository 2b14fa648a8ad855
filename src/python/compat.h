#pragma once
// What differs between CPython 3.9 and 3.13. Included by python.h only.

#if PY_VERSION_HEX < 0x030A0000
inline PyObject* Py_NewRef(PyObject* object) {
    Py_INCREF(object);
    return object;
}
inline PyObject* Py_XNewRef(PyObject* object) {
    Py_XINCREF(object);
    return object;
}
inline int PyModule_AddObjectRef(PyObject* module, const char* name, PyObject* value) {
    Py_XINCREF(value);
    if (PyModule_AddObject(module, name, value) == 0) return 0;
    Py_XDECREF(value);
    return -1;
}
#endif

/// A number that changes with every change of a dictionary, so that nobody need look; 0 where Python has none.
inline unsigned long long dict_version([[maybe_unused]] PyObject* dictionary) {
#if PY_VERSION_HEX < 0x030C0000
    return reinterpret_cast<PyDictObject*>(dictionary)->ma_version_tag;
#else
    return 0;
#endif
}
