#pragma once
// What an access line says of a request and its response, as far as it has to be looked for.

#include <optional>
#include <string>
#include <string_view>

namespace gunicorn::http {
class RequestHead;
class ResponseHead;
}  // namespace gunicorn::http

namespace gunicorn::server {

// Either head may be null. The last field by that name counts, as in Gunicorn's dictionary of atoms. The view is the head's.
[[nodiscard]] std::optional<std::string_view> request_field(const http::RequestHead* request, std::string_view lower_name);
[[nodiscard]] std::optional<std::string_view> response_field(const http::ResponseHead* response, std::string_view lower_name);

/// Gunicorn: Logger._get_user. The user name of "Authorization: Basic ...", any bytes; nothing for an empty one.
[[nodiscard]] std::optional<std::string> basic_user(const http::RequestHead* request);

}  // namespace gunicorn::server
