#include "config/env_file.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::config {
namespace {

bool is_name(std::string_view name) {
    const auto is_word = [](char c) { return c == '_' || text::is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'z'); };
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

/// Nothing when a quotation is not closed or something follows it.
std::optional<std::string> value_of(std::string_view written) {
    if (written.empty() || (written.front() != '"' && written.front() != '\'')) {
        const std::size_t comment = written.find(" #");
        return std::string(text::trim(written.substr(0, comment)));
    }
    const char quote = written.front();
    std::string out;
    std::size_t at = 1;
    for (; at < written.size() && written[at] != quote; ++at) {
        const bool is_escape = quote == '"' && written[at] == '\\' && at + 1 < written.size();
        out += is_escape ? unescaped(written[++at]) : written[at];
    }
    if (at >= written.size()) return std::nullopt;
    const std::string_view rest = text::trim(written.substr(at + 1));
    if (!rest.empty() && rest.front() != '#') return std::nullopt;
    return out;
}

}  // namespace

Variables parse_env_text(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
    Variables variables;
    int number = 0;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    for (const std::string_view written : text::split(text, '\n')) {
        ++number;
        std::string_view line = text::trim(written);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = text::trim(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string_view key = text::trim(line.substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::nullopt : value_of(text::trim(line.substr(equals + 1)));
        if (is_name(key) && value && value->find('\0') == std::string::npos) {
            variables.emplace_back(key, *value);
            continue;
        }
        const Origin origin{.kind = SourceKind::environment_file, .name = name, .line = number};
        const bool is_pair = is_name(key) && equals != std::string_view::npos;
        diagnostics.push_back({DiagId::bad_syntax, {}, origin, is_pair ? "a quotation that does not end, or that something follows" : "is no NAME=VALUE"});
    }
    return variables;
}

Variables read_env_file(const std::string& path, Diagnostics& diagnostics, SourceTexts& texts) {
    auto text = sys::read_file(path);
    if (!text) {
        diagnostics.push_back({DiagId::unreadable_file, {}, Origin{.kind = SourceKind::environment_file, .name = path}, text.error().message});
        return {};
    }
    Variables variables = parse_env_text(*text, path, diagnostics);
    texts.add(path, *std::move(text));
    return variables;
}

}  // namespace gunicorn::config
