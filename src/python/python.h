#pragma once
// The one file that includes <Python.h>. It comes before every other header of a source, since Python.h sets feature macros.

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>
#include <structmember.h>

#include "python/compat.h"
