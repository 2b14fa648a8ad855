#pragma once

#include <string_view>

namespace gunicorn::server {

/// status_page.html, which shows /status to a person and asks for it again and again. It needs nothing else.
extern const std::string_view kStatusPage;

}  // namespace gunicorn::server
