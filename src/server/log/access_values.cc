#include "server/log/access_values.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "http/request_head.h"
#include "http/response_head.h"

namespace gunicorn::server {
namespace {

/// Base64, lenient: what is not of the alphabet is skipped, as in Python's b64decode, "=" ends it. Nothing for a lone last
/// letter.
std::optional<std::string> decode_base64(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned letters = 0;
    for (const char c : text) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<std::uint32_t>(c - 'a' + 26);
        else if (text::is_digit(c))
            value = static_cast<std::uint32_t>(c - '0' + 52);
        else if (c == '+')
            value = 62;
        else if (c == '/')
            value = 63;
        else if (c == '=')
            break;
        else
            continue;
        bits = bits << 6U | value;
        if (++letters % 4 != 1) bytes += static_cast<char>(bits >> (6 - 2 * ((letters - 1) % 4)) & 0xffU);
    }
    if (letters % 4 == 1) return std::nullopt;
    return bytes;
}

template <class Fields>
std::optional<std::string_view> last_field(const Fields& fields, std::size_t count, std::string_view lower_name) {
    for (std::size_t i = count; i-- > 0;) {
        const http::FieldView field = fields(i);
        if (field.name.size() == lower_name.size() && text::equal_ignoring_case(field.name, lower_name)) return field.value;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> request_field(const http::RequestHead* request, std::string_view lower_name) {
    if (request == nullptr) return std::nullopt;
    return last_field([request](std::size_t i) { return request->field(i); }, request->field_count(), lower_name);
}

std::optional<std::string_view> response_field(const http::ResponseHead* response, std::string_view lower_name) {
    if (response == nullptr) return std::nullopt;
    return last_field([response](std::size_t i) { return response->fields()[i]; }, response->fields().size(), lower_name);
}

std::optional<std::string> basic_user(const http::RequestHead* request) {
    const std::optional<std::string_view> field = request != nullptr ? request->find("authorization") : std::nullopt;
    if (!field || field->size() <= 6 || !text::equal_ignoring_case(field->substr(0, 6), "basic ")) return std::nullopt;
    std::optional<std::string> credentials = decode_base64(field->substr(6));
    if (!credentials) return std::nullopt;
    credentials->resize(std::min(credentials->find(':'), credentials->size()));
    if (credentials->empty()) return std::nullopt;
    return credentials;
}

}  // namespace gunicorn::server
