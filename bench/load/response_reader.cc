#include "load/response_reader.h"

#include <optional>

#include "base/text.h"

namespace gunicorn::bench {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

}  // namespace

void ResponseReader::reset() {
    head_.clear();
    in_body_ = false;
    remaining_ = 0;
}

bool ResponseReader::read_head(std::string_view head) {
    if (head.size() < 12 || !head.starts_with("HTTP/1.")) return false;
    status_ = head.substr(9, 3);
    closes_ = head[7] == '0';
    std::optional<std::uint64_t> length;
    for (std::size_t at = head.find("\r\n"); at < head.size();) {
        at += 2;
        const std::size_t end = std::min(head.find("\r\n", at), head.size());
        const std::string_view line = head.substr(at, end - at);
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        if (text::equal_ignoring_case(name, "content-length")) {
            length = text::parse_decimal(text::trim(line.substr(colon + 1)));
        } else if (text::equal_ignoring_case(name, "connection")) {
            closes_ = text::equal_ignoring_case(text::trim(line.substr(colon + 1)), "close");
        }
        at = end;
    }
    remaining_ = length.value_or(0);
    return length.has_value();
}

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
    if (!in_body_) {
        if (!head_.empty()) bytes = head_.append(bytes);
        const std::size_t end = bytes.find(kEndOfHead);
        if (end == std::string_view::npos) {
            if (head_.empty()) head_ = bytes;
            return State::reading;
        }
        if (!read_head(bytes.substr(0, end))) {
            reset();
            return State::broken;
        }
        const std::size_t behind = bytes.size() - end - kEndOfHead.size();
        head_.clear();
        in_body_ = true;
        if (behind > remaining_) {
            reset();
            return State::broken;
        }
        remaining_ -= behind;
    } else if (bytes.size() > remaining_) {
        reset();
        return State::broken;
    } else {
        remaining_ -= bytes.size();
    }
    if (remaining_ > 0) return State::reading;
    in_body_ = false;
    return State::complete;
}

}  // namespace gunicorn::bench
