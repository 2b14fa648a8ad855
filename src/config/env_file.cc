#include "config/env_file.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::config {
namespace {

bool is_name(std::string_view name) {
    const auto is_word = [](char c) {
        return c == '_' || text::is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
    };
    return !name.empty() && !text::is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_word);
}

char unescaped(char c) {
    switch (c) {
        case 'n': return '\n';
        case 't': return '\t';
        case 'r': return '\r';
        default: return c;
    }
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

struct Value {
    std::string text;
    int more_lines = 0;  ///< that a quotation goes on over
};

/// The value that `rest`, the text behind an equals sign to the end of the file, begins with. Quotations may span lines, as
/// keys in PEM form do. Nothing when a quotation is not closed or something follows it.
std::optional<Value> value_of(std::string_view rest) {
    const std::string_view line = text::trim(first_line(rest));
    if (line.empty() || (line.front() != '"' && line.front() != '\'')) {
        return Value{std::string(text::trim(line.substr(0, line.find(" #"))))};
    }
    const char quote = line.front();
    Value value;
    std::size_t at = rest.find(quote) + 1;
    for (; at < rest.size() && rest[at] != quote; ++at) {
        if (rest.substr(at).starts_with("\r\n")) ++at;
        if (rest[at] == '\n') ++value.more_lines;
        const bool is_escape = quote == '"' && rest[at] == '\\' && at + 1 < rest.size() && rest[at + 1] != '\n';
        value.text += is_escape ? unescaped(rest[++at]) : rest[at];
    }
    if (at >= rest.size()) return std::nullopt;
    const std::string_view behind = text::trim(first_line(rest.substr(at + 1)));
    if (!behind.empty() && behind.front() != '#') return std::nullopt;
    return value;
}

std::string_view behind_lines(std::string_view text, int count) {
    for (; count > 0 && !text.empty(); --count) text.remove_prefix(std::min(first_line(text).size() + 1, text.size()));
    return text;
}

}  // namespace

Variables parse_env_text(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
    Variables variables;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    std::string_view next = text;
    for (int number = 1, lines = 1; !next.empty(); number += lines) {
        const std::string_view rest = next;
        lines = 1;
        next = behind_lines(rest, lines);
        std::string_view line = text::trim(first_line(rest));
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = text::trim(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string_view key = text::trim(line.substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::nullopt : value_of(rest.substr(rest.find('=') + 1));
        if (is_name(key) && value && value->text.find('\0') == std::string::npos) {
            variables.emplace_back(key, value->text);
            lines += value->more_lines;
            next = behind_lines(rest, lines);
            continue;
        }
        const Origin origin{.kind = SourceKind::environment_file, .name = name, .line = number};
        const bool is_pair = is_name(key) && equals != std::string_view::npos;
        diagnostics.push_back({DiagId::bad_syntax,
                               {},
                               origin,
                               is_pair ? "a quotation that does not end, or that something follows" : "is no NAME=VALUE"});
    }
    return variables;
}

Variables read_env_file(const std::string& path, Diagnostics& diagnostics, SourceTexts& texts) {
    auto text = sys::read_file(path);
    if (!text) {
        diagnostics.push_back(
            {DiagId::unreadable_file, {}, Origin{.kind = SourceKind::environment_file, .name = path}, text.error().message});
        return {};
    }
    Variables variables = parse_env_text(*text, path, diagnostics);
    texts.add(path, *std::move(text));
    return variables;
}

}  // namespace gunicorn::config
