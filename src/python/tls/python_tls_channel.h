#pragma once

#include "python/python.h"

#include <memory>

#include "gateway/tls_channel.h"
#include "python/error.h"
#include "python/gil.h"
#include "python/ref.h"

namespace gunicorn::python {

/// The TLS channels of one ssl.SSLContext: an SSLObject between two MemoryBIO each. `context` is what
/// gunicorn._tls.make_context() made. What a signal handler raises inside of a call goes to `interruption`, which outlives
/// the channels. GIL held.
PyResult<std::unique_ptr<gateway::TlsChannelFactory>> make_python_tls_channels(Ref context, Interruption& interruption);

}  // namespace gunicorn::python
