#include "config/secrets.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gunicorn::config {
namespace {

constexpr std::array<std::string_view, 11> kSecretWords{"passw",      "passphrase", "secret",      "token",     "api_key", "apikey",
                                                        "access_key", "credential", "private_key", "auth_key", "_dsn"};

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
        const std::size_t close = text.find(text[at], at + 1);
        return close == std::string_view::npos ? text.size() : close;
    }
    return std::min(text.find_first_of(" \t\r\n,;\"'()[]{}&", at), text.size());
}

/// scheme://user:password@host
std::string without_url_passwords(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t scheme = text.find("://");
        if (scheme == std::string_view::npos) break;
        const std::size_t start = scheme + 3;
        const std::size_t end = std::min(text.find_first_of("/ \t\"'", start), text.size());
        const std::size_t at = text.substr(0, end).rfind('@');
        const std::size_t colon = text.find(':', start);
        if (at != std::string_view::npos && at > start && colon < at) {
            out += std::string(text.substr(0, colon + 1)) + std::string(kRedacted);
            text.remove_prefix(at);
        } else {
            out += text.substr(0, start);
            text.remove_prefix(start);
        }
    }
    return out + std::string(text);
}

RawValue redact_whole(const RawValue& value) {
    if (const auto* words = value.get_if<std::string>()) {
        const std::size_t equals = words->find('=');
        return equals == std::string::npos ? std::string(kRedacted) : words->substr(0, equals + 1) + std::string(kRedacted);
    }
    if (const List* items = value.get_if<List>()) {
        List out;
        for (const RawValue& item : *items) out.push_back(redact_whole(item));
        return out;
    }
    if (const Dict* entries = value.get_if<Dict>()) {
        Dict out;
        for (const auto& [key, item] : *entries) out.emplace_back(key, redact_whole(item));
        return out;
    }
    return value.is_none() ? RawValue() : RawValue(kRedacted);
}

}  // namespace

bool is_secret_name(std::string_view name) {
    const std::string lower = text::to_lower(name);
    return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
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
        if (!is_secret_name(word)) continue;
        // SECRET=x, 'SECRET': 'x', secret = "x"
        const std::size_t sign = skip(text, skip(text, at, "\"'"), " \t");
        if (sign >= text.size() || (text[sign] != '=' && text[sign] != ':') || text.substr(sign).starts_with("==")) continue;
        std::size_t value = skip(text, sign + 1, " \t");
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
        for (const auto& [key, item] : *entries) out.emplace_back(key, is_secret_name(key) ? redact_whole(item) : redact_value(item));
        return out;
    }
    return value;
}

RawValue redact(const Declaration& setting, const RawValue& value) {
    return setting.secret ? redact_whole(value) : redact_value(value);
}

}  // namespace gunicorn::config
