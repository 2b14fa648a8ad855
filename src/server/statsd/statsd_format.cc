#include "server/statsd/statsd_format.h"

#include <algorithm>

#include "server/log/log_number.h"

namespace gunicorn::server {
namespace {

/// Control characters and `marks` would be read as the end of the field.
std::string as_field(std::string_view text, std::string_view marks) {
    std::string field(text);
    std::ranges::replace_if(
        field, [&](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || marks.find(c) != marks.npos; },
        '_');
    return field;
}

std::string_view code_of(MetricType type) {
    switch (type) {
        case MetricType::counter: return "|c";
        case MetricType::gauge: return "|g";
        case MetricType::timer: return "|ms";
        case MetricType::histogram: return "|h";
    }
    return "|c";
}

}  // namespace

StatsdFormat::StatsdFormat(std::string_view prefix, std::string_view tags) : prefix_(as_field(prefix, "|:")) {
    while (prefix_.ends_with('.')) prefix_.pop_back();
    if (!prefix_.empty()) prefix_ += '.';
    if (!tags.empty()) tags_ = "|#" + as_field(tags, "|");
}

std::string StatsdFormat::head(std::string_view name) const { return prefix_ + std::string(name) + ':'; }

std::string StatsdFormat::tail(MetricType type) const { return std::string(code_of(type)) + tags_; }

std::string StatsdFormat::line(std::string_view name, std::uint64_t value, MetricType type) const {
    return head(name) + std::to_string(value) + tail(type);
}

void append_milliseconds(Duration duration, std::string& out) {
    const auto microseconds =
        std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count(), 0);
    append_number(microseconds / 1000, out);
    const auto rest = static_cast<int>(microseconds % 1000);
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
    while (out.ends_with('0') && !out.ends_with(".0")) out.pop_back();
}

}  // namespace gunicorn::server
