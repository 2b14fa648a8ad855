#include "http/request_head.h"

namespace gunicorn::http {

void RequestHead::clear() noexcept {
    fields_.clear();
    request_line_ = method_ = target_ = path_ = query_ = fragment_ = protocol_ = Span{};
    content_length_ = 0;
    version_ = Version{};
    framing_ = Framing::none;
    expects_continue_ = false;
    wants_keep_alive_ = false;
    wants_upgrade_ = false;
}

}  // namespace gunicorn::http
