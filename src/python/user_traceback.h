#pragma once

#include "python/python.h"

#include <string>

#include "python/error.h"

namespace gunicorn::python {

/// The traceback without frames of ours and of the import system, with those of libraries counted only. GIL held.
[[nodiscard]] std::string user_traceback(const Exception& exception);

/// What to do about an exception ("the environment variable DB is not set"); empty when that is not certain. GIL held.
[[nodiscard]] std::string hint_about(const Exception& exception);

}  // namespace gunicorn::python
