#include "server/log/access_json.h"

#include <optional>

#include "base/json_text.h"
#include "server/log/access_values.h"
#include "server/log/log_date.h"
#include "server/log/log_number.h"

namespace gunicorn::server {
namespace {

void append_or_null(const std::optional<std::string_view>& text, std::string& out) {
    if (text) return append_json_text(*text, out);
    out += "null";
}

std::optional<std::string_view> unless_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void append_access_json(const gateway::AccessRecord& record, std::string& out) {
    const bool was_read = record.request != nullptr;
    out += "{\"time\":\"";
    append_rfc3339_date(record.timestamp, out);
    out += "\",\"remote_addr\":";
    append_or_null(unless_empty(record.remote_addr), out);
    out += ",\"user\":";
    append_or_null(basic_user(record.request), out);
    out += ",\"method\":";
    append_or_null(unless_empty(record.method), out);
    out += ",\"target\":";
    append_or_null(unless_empty(record.target), out);
    out += ",\"path\":";
    append_or_null(was_read ? std::optional(record.path) : std::nullopt, out);
    out += ",\"query\":";
    append_or_null(was_read ? std::optional(record.query) : std::nullopt, out);
    out += ",\"protocol\":";
    append_or_null(unless_empty(record.protocol), out);
    out += ",\"status\":";
    append_number(record.status, out);
    out += ",\"bytes\":";
    append_number(static_cast<std::int64_t>(record.bytes_sent), out);
    out += ",\"duration\":";
    append_decimal_seconds(record.duration, out);
    out += ",\"referer\":";
    append_or_null(request_field(record.request, "referer"), out);
    out += ",\"user_agent\":";
    append_or_null(request_field(record.request, "user-agent"), out);
    out += ",\"pid\":";
    append_number(record.pid, out);
    out += '}';
}

}  // namespace gunicorn::server
