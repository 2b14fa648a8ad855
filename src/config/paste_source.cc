#include "config/paste_source.h"

#include <ini.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/sys.h"
#include "base/text.h"
#include "config/ini_document.h"
#include "config/paste_server.h"

namespace gunicorn::config {
namespace {

/// inih keeps this much of a section's name and cuts the rest without a word.
constexpr std::size_t kMaxSectionName = 49;

/// Feeds inih line by line. It counts the lines, which inih does not tell its handler, and tells continuation lines from
/// indented keys as ConfigParser does: only what is indented deeper than its key continues it.
class IniReader {
public:
    explicit IniReader(std::string_view text) : rest_(text) {
        if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // a byte order mark
    }

    IniDocument run() {
        if (rest_.find('\0') != std::string_view::npos) {
            document_.problems.push_back({line_of_first_nul(), "a NUL byte"});
            return std::move(document_);
        }
        const auto longest = static_cast<int>(length_of_longest_line() + 2);
        ini_use_stack = false;
        ini_allow_realloc = true;
        ini_initial_alloc = longest;
        ini_max_line = longest;
        ini_allow_inline_comments = false;  // ConfigParser keeps "; ..." as part of the value
        ini_parse_stream(&IniReader::next_line, this, &IniReader::on_entry, this);
        report_unread_line();
        return std::move(document_);
    }

private:
    enum class Line { nothing, section, key, continuation };

    // Called by inih for every line (fgets); null at the end.
    static char* next_line(char* buffer, int size, void* self) { return static_cast<IniReader*>(self)->next(buffer, size); }

    // Called by inih for every key, and again for every continuation line of it.
    static int on_entry(void* self, const char* section, const char* key, const char* value) {
        return static_cast<IniReader*>(self)->accept(section, key, value);
    }

    char* next(char* buffer, int size) {
        report_unread_line();
        if (rest_.empty()) return nullptr;
        ++line_number_;
        std::string_view line = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
        line_ = classify(line);
        if (line_ != Line::continuation) line = text::trim(line);
        if (line_ == Line::section) check_section(line);
        if (line_ == Line::key) measure(line);
        const std::size_t length = std::min(line.size(), static_cast<std::size_t>(size) - 1);
        std::memcpy(buffer, line.data(), length);
        buffer[length] = '\0';
        return buffer;
    }

    /// ConfigParser._read: what the line is, by its first character and its indentation.
    Line classify(std::string_view line) {
        const std::string_view content = text::trim(line);
        if (content.empty() || content[0] == '#' || content[0] == ';') return Line::nothing;
        const auto indentation = static_cast<std::size_t>(content.data() - line.data());
        if (in_key_ && indentation > indentation_) return Line::continuation;
        indentation_ = indentation;
        in_key_ = content[0] != '[';
        return in_key_ ? Line::key : Line::section;
    }

    /// Where key and value stand; `line` has lost its indentation.
    void measure(std::string_view line) {
        const std::size_t divider = std::min(line.find_first_of("=:"), line.size());
        const std::string_view key = text::trim(line.substr(0, divider));
        const std::string_view value = text::trim(line.substr(std::min(divider + 1, line.size())));
        const int start = static_cast<int>(indentation_) + 1;
        const int value_column = start + text::length(line.substr(0, static_cast<std::size_t>(value.data() - line.data())));
        key_span_ = {line_number_, start, start + text::length(key)};
        value_span_ = value.empty() ? Span() : Span{line_number_, value_column, value_column + text::length(value)};
    }

    void check_section(std::string_view line) {
        const std::size_t close = line.find(']');
        if (close == std::string_view::npos) {
            problem("a section without ]");
        } else if (close > kMaxSectionName + 1 && line.starts_with("[server:")) {
            problem("a section name longer than " + std::to_string(kMaxSectionName) + " bytes");
        }
    }

    int accept(const char* section, const char* key, const char* value) {
        was_read_ = true;
        if (*section == '\0') {
            problem("a key before the first section");
            return 1;
        }
        IniSection& current = section_named(section);
        if (line_ == Line::continuation && !current.entries.empty()) {
            current.entries.back().value += "\n" + std::string(value);
        } else if (*key == '\0') {
            problem("a value without a key");
        } else {
            current.add({key, value, key_span_, value_span_});
        }
        return 1;
    }

    /// A line that should have been a key and did not arrive at the handler.
    void report_unread_line() {
        if (line_ == Line::key && !std::exchange(was_read_, false)) problem("neither a [section] nor key = value");
        was_read_ = false;
        line_ = Line::nothing;
    }

    void problem(std::string message) { document_.problems.push_back({line_number_, std::move(message)}); }

    IniSection& section_named(std::string_view name) {
        const std::string_view trimmed = text::trim(name);
        for (IniSection& section : document_.sections) {
            if (section.name == trimmed) return section;
        }
        return document_.sections.emplace_back(IniSection{std::string(trimmed), {}, {}});
    }

    std::size_t length_of_longest_line() const {
        std::size_t longest = 0;
        for (const std::string_view line : text::split(rest_, '\n')) longest = std::max(longest, line.size());
        return longest;
    }

    int line_of_first_nul() const {
        const std::string_view before = rest_.substr(0, rest_.find('\0'));
        return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    }

    std::string_view rest_;
    IniDocument document_;
    int line_number_ = 0;
    Line line_ = Line::nothing;
    Span key_span_;
    Span value_span_;
    bool was_read_ = false;
    bool in_key_ = false;
    std::size_t indentation_ = 0;
};

Diagnostic about_file(DiagId id, const PasteSpec& spec, int line, std::string message) {
    return Diagnostic{id, {}, Origin{.kind = SourceKind::paste, .name = spec.written, .line = line}, std::move(message)};
}

}  // namespace

PasteSpec parse_paste_spec(std::string_view value, const std::string& working_directory) {
    const std::size_t hash = value.find('#');
    PasteSpec spec;
    spec.written = value.substr(0, hash);
    spec.path = (std::filesystem::path(working_directory) / spec.written).lexically_normal().string();
    if (hash != std::string_view::npos && hash + 1 < value.size()) spec.name = value.substr(hash + 1);
    return spec;
}

SourceReading PasteSource::read() {
    auto text = sys::read_file(spec_.path);
    if (text) return read_text(*text);
    const bool is_missing = text.error().code == ENOENT;
    std::string message = is_missing ? text::repr(spec_.path) + " not found" : text.error().message;
    return SourceReading{{}, {about_file(DiagId::unreadable_file, spec_, 0, std::move(message))}};
}

SourceReading PasteSource::read_text(std::string_view text) const {
    const IniDocument document = IniReader(text).run();
    if (document.problems.empty()) return read_paste_server(document, spec_, global_conf_);
    SourceReading reading;
    for (const IniProblem& problem : document.problems) {
        reading.diagnostics.push_back(about_file(DiagId::bad_syntax, spec_, problem.line, problem.message));
    }
    return reading;
}

}  // namespace gunicorn::config
