#include "config/report/secret_lines.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "config/report/secrets.h"

namespace gunicorn::config {
namespace {

/// Without its end; begin and end are those of the text when there are fewer lines.
Piece find_line(std::string_view text, int number) {
    std::size_t begin = 0;
    for (int skipped = 1; skipped < number; ++skipped) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) return {text.size(), text.size()};
        begin = end + 1;
    }
    std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin && text[end - 1] == '\r') --end;
    return {begin, end};
}

/// Brackets and blanks at the ends of a value say nothing.
std::string redact_piece(std::string_view piece) {
    if (piece.find_first_not_of(" \t\f\\,()[]{}") == std::string_view::npos) return std::string(piece);
    const std::size_t begin = piece.find_first_not_of(" \t\f");
    return std::string(piece.substr(0, begin)) + std::string(kRedacted);
}

/// `  File "conf.py", line 3, in f`
struct Frame {
    std::string file;
    int line = 0;
};

Frame frame_in(std::string_view line) {
    constexpr std::string_view kStart = "File \"";
    constexpr std::string_view kLine = "\", line ";
    const std::string_view words = text::trim(line);
    const std::size_t end = words.rfind(kLine);
    if (!words.starts_with(kStart) || end == std::string_view::npos || end < kStart.size()) return {};
    Frame frame{std::string(words.substr(kStart.size(), end - kStart.size()))};
    const std::string_view number = words.substr(end + kLine.size());
    std::from_chars(number.data(), number.data() + number.size(), frame.line);
    return frame;
}

struct SourceFile {
    std::string text;
    std::vector<Piece> spans;
};

/// What may be shown of a line that a traceback quotes; empty when redact_text says it.
std::string redact_quoted(std::string_view quoted, const SourceFile& file, int number) {
    const Piece place = find_line(file.text, number);
    const std::string_view written = std::string_view(file.text).substr(place.begin, place.end - place.begin);
    const std::string shown = redact_python_line(file.text, file.spans, number);
    if (shown == redact_text(written)) return {};
    return text::trim(written) == text::trim(quoted) ? std::string(text::trim(shown)) : std::string(kRedacted);
}

}  // namespace

std::string redact_python_line(std::string_view source, const std::vector<Piece>& spans, int number) {
    if (number < 1) return {};
    const Piece line = find_line(source, number);
    return redact_python_line(source, spans, source.substr(line.begin, line.end - line.begin));
}

std::string redact_python_line(std::string_view source, const std::vector<Piece>& spans, std::string_view within) {
    const auto start = static_cast<std::size_t>(within.data() - source.data());
    const Piece line{start, start + within.size()};
    std::string shown;
    std::size_t at = line.begin;
    for (auto span = std::ranges::lower_bound(spans, line.begin, {}, &Piece::end); span != spans.end(); ++span) {
        const std::size_t begin = std::max(span->begin, line.begin);
        const std::size_t end = std::min(span->end, line.end);
        if (begin >= line.end) break;
        if (begin >= end) continue;
        shown += redact_text(source.substr(at, begin - at));
        if (!shown.ends_with(kRedacted)) shown += redact_piece(source.substr(begin, end - begin));
        at = end;
    }
    return shown + redact_text(source.substr(at, line.end - at));
}

std::string redact_traceback(std::string_view traceback, const std::function<std::string(const std::string& file)>& text_of) {
    constexpr std::string_view kQuoted = "    ";
    std::map<std::string, SourceFile> files;
    const auto file_named = [&](const std::string& name) -> const SourceFile& {
        const auto [found, is_new] = files.try_emplace(name);
        if (is_new) {
            found->second.text = text_of(name);
            found->second.spans = secret_spans(found->second.text);
        }
        return found->second;
    };
    std::string out;
    Frame frame;
    bool is_redacted = false;  // with the carets below it
    while (!traceback.empty()) {
        const std::size_t end = std::min(traceback.find('\n'), traceback.size() - 1) + 1;
        const std::string_view line = traceback.substr(0, end);
        traceback.remove_prefix(end);
        if (!line.starts_with(kQuoted)) {
            is_redacted = false;
            frame = frame_in(line);
        } else if (is_redacted) {
            continue;
        } else if (frame.line > 0) {
            const std::string shown = redact_quoted(line, file_named(frame.file), frame.line);
            frame = {};
            is_redacted = !shown.empty();
            if (is_redacted) {
                out += std::string(kQuoted) + shown + "\n";
                continue;
            }
        }
        out += redact_text(line);
    }
    return out;
}

}  // namespace gunicorn::config
