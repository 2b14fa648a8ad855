#include "config/report/secrets.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gunicorn::config {
namespace {

constexpr std::array<std::string_view, 10> kSecretWords{"passw",      "passphrase", "secret", "token",  "apikey",
                                                        "credential", "_dsn",       "pwd",    "pgpass", "jwt"};
/// Secret as the last part of a name only: ACCESS_KEY and AUTH, but not key_prefix, keyfile or auth_basic_user_file.
constexpr std::array<std::string_view, 2> kSecretEnds{"key", "auth"};
/// A part of a name that is secret wherever it stands: API_KEY_PROD.
constexpr std::array<std::string_view, 4> kSecretPairs{"api_key", "access_key", "private_key", "auth_key"};

bool is_word(char c) {
    const char lower = text::lower(c);
    return (lower >= 'a' && lower <= 'z') || text::is_digit(c) || c == '_' || c == '-';
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view characters) {
    while (at < text.size() && characters.find(text[at]) != std::string_view::npos) ++at;
    return at;
}

/// Where the value that begins at `at` ends: its closing quotation mark, or what divides bare words.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
        const char ends[] = {text[at], '\n', '\0'};
        return std::min(text.find_first_of(ends, at + 1), text.size());
    }
    return std::min(text.find_first_of(" \t\r\n,;\"'()[]{}&", at), text.size());
}

bool is_port(std::string_view text) { return text.size() <= 5 && std::ranges::all_of(text, text::is_digit); }

/// Where the `@` of user:password@host stands in a text that begins with it; npos where there is none. A password with a
/// slash is no valid URL, yet people write it and clients take it.
std::size_t end_of_user(std::string_view rest) {
    const std::string_view whole = rest.substr(0, rest.find_first_of(" \t\r\n\"'"));
    const std::string_view authority = whole.substr(0, whole.find('/'));
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) return at;
    const std::size_t colon = authority.find(':');
    const bool has_port =
        colon == std::string_view::npos || authority.starts_with('[') || is_port(authority.substr(colon + 1));
    return has_port ? std::string_view::npos : whole.rfind('@');
}

/// Passes over blanks and what may stand before a quotation mark of Python: b"x", rf'x'.
std::size_t start_of_value(std::string_view text, std::size_t at) {
    at = skip(text, at, " \t");
    const std::size_t quote = skip(text, at, "bBrRuUfF");
    return quote < text.size() && (text[quote] == '"' || text[quote] == '\'') ? quote : at;
}

/// Behind the equals sign when `word`, which ends at `at`, is a secret setting that a line binds: raw_env = [...]. Else
/// npos.
std::size_t secret_setting_value(std::string_view text, std::string_view word, std::size_t at) {
    const Declaration* setting = find_setting(word);
    if (setting == nullptr || !setting->secret) return std::string_view::npos;
    std::size_t sign = skip(text, at, " \t");
    if (sign < text.size() && (text[sign] == '+' || text[sign] == '|')) ++sign;
    const bool is_bound = text.substr(std::min(sign, text.size())).starts_with('=') && text.substr(sign, 2) != "==";
    return is_bound ? sign + 1 : std::string_view::npos;
}

/// scheme://user:password@host
std::string without_url_passwords(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t scheme = text.find("://");
        if (scheme == std::string_view::npos) break;
        const std::size_t start = scheme + 3;
        const std::size_t at = end_of_user(text.substr(start));
        const std::size_t colon = text.find(':', start);
        if (at != std::string_view::npos && colon < start + at) {
            out += std::string(text.substr(0, colon + 1)) + std::string(kRedacted);
            text.remove_prefix(start + at);
        } else {
            out += text.substr(0, start);
            text.remove_prefix(start);
        }
    }
    return out + std::string(text);
}

RawValue redact_whole(const RawValue& value) {
    if (const auto* words = value.get_if<std::string>()) {
        return redact_entry(*words);
    }
    if (const List* items = value.get_if<List>()) {
        List out;
        for (const RawValue& item : *items) out.push_back(redact_whole(item));
        return out;
    }
    if (const Dict* entries = value.get_if<Dict>()) {
        Dict out;
        for (const auto& [key, item] : *entries)
            out.emplace_back(key.find('=') == std::string::npos ? key : redact_entry(key), redact_whole(item));
        return out;
    }
    return value.is_none() ? RawValue() : RawValue(kRedacted);
}

}  // namespace

bool is_secret_name(std::string_view name) {
    std::string lower = text::to_lower(name);
    std::ranges::replace(lower, '-', '_');
    const auto is_within = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    const std::string_view last = std::string_view(lower).substr(lower.rfind('_') + 1);
    return std::ranges::any_of(kSecretWords, is_within) || std::ranges::any_of(kSecretPairs, is_within) ||
           std::ranges::find(kSecretEnds, last) != kSecretEnds.end();
}

std::string redact_entry(std::string_view entry) {
    const std::size_t equals = entry.find('=');
    return std::string(equals == std::string_view::npos ? std::string_view() : entry.substr(0, equals + 1)) +
           std::string(kRedacted);
}

std::string redact_text(std::string_view given) {
    const std::string clean = without_url_passwords(given);
    const std::string_view text = clean;
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_word(text[at])) {
            out += text[at++];
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        const std::string_view word = text.substr(at, end - at);
        out += word;
        at = end;
        if (const std::size_t value = secret_setting_value(text, word, at); value != std::string_view::npos) {
            out += std::string(text.substr(at, value - at)) + " " + std::string(kRedacted);
            at = std::min(text.find('\n', value), text.size());
            continue;
        }
        if (!is_secret_name(word)) continue;
        // SECRET=x, 'SECRET': 'x', secret = "x"
        const std::size_t sign = skip(text, skip(text, at, "\"'"), " \t");
        if (sign >= text.size() || (text[sign] != '=' && text[sign] != ':') || text.substr(sign).starts_with("==")) continue;
        std::size_t value = start_of_value(text, sign + 1);
        const std::size_t stop = end_of_value(text, value);
        if (value < text.size() && (text[value] == '"' || text[value] == '\'')) ++value;
        if (stop <= value) continue;
        out += text.substr(at, value - at);
        out += kRedacted;
        at = stop;
    }
    return out;
}

RawValue redact_value(const RawValue& value) {
    if (const auto* words = value.get_if<std::string>()) return redact_text(*words);
    if (const List* items = value.get_if<List>()) {
        List out;
        for (const RawValue& item : *items) out.push_back(redact_value(item));
        return out;
    }
    if (const Dict* entries = value.get_if<Dict>()) {
        Dict out;
        for (const auto& [key, item] : *entries)
            out.emplace_back(key, is_secret_name(key) ? redact_whole(item) : redact_value(item));
        return out;
    }
    return value;
}

RawValue redact(const Declaration& setting, const RawValue& value) {
    return setting.secret ? redact_whole(value) : redact_value(value);
}

}  // namespace gunicorn::config
