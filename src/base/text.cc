#include "base/text.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gunicorn::text {
namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Insertions, deletions, substitutions, and exchanges of two neighbours (optimal string alignment); case does not matter.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i]) == lower(b[j]); };
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
            if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1))
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string to_lower(std::string_view s) {
    std::string out(s);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string to_upper(std::string_view s) {
    std::string out(s);
    std::transform(out.begin(), out.end(), out.begin(), upper);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view s) noexcept {
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

int length(std::string_view s) noexcept {
    int count = 0;
    for (const char c : s) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

std::size_t utf8_sequence(std::string_view s) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || s.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
    if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
    return length;
}

bool is_control(std::string_view sequence) noexcept {
    if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]) < 0x20 || sequence[0] == 0x7f;
    if (sequence.size() == 2) return sequence >= "\xc2\x80" && sequence <= "\xc2\x9f";  // C1
    if (sequence.size() != 3) return false;
    return sequence == "\xe2\x80\x8e" || sequence == "\xe2\x80\x8f" ||    // U+200E, U+200F
           (sequence >= "\xe2\x80\xa8" && sequence <= "\xe2\x80\xae") ||  // U+2028 to U+202E
           (sequence >= "\xe2\x81\xa6" && sequence <= "\xe2\x81\xa9");    // U+2066 to U+2069
}

std::string printable(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        const std::size_t length = utf8_sequence(s);
        const std::string_view sequence = s.substr(0, std::max<std::size_t>(length, 1));
        if (sequence == "\t") {
            out += ' ';
        } else if (length == 0 || is_control(sequence)) {
            out += '?';
        } else {
            out += sequence;
        }
        s.remove_prefix(sequence.size());
    }
    return out;
}

std::vector<std::string_view> split(std::string_view s, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = s.find(separator);
        parts.push_back(s.substr(0, at));
        if (at == std::string_view::npos) return parts;
        s.remove_prefix(at + 1);
    }
}

std::optional<std::uint64_t> parse_decimal(std::string_view s) noexcept {
    if (s.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : s) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return value;
}

std::string repr(std::string_view s) {
    static constexpr char kHex[] = "0123456789abcdef";
    const bool double_quoted = s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos;
    const char quote = double_quoted ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : s) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == quote || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\x";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += quote;
    return out;
}

std::string shell_quote(std::string_view word) {
    static constexpr std::string_view kPlain = "@%+=:,./-_";
    const bool is_plain = std::all_of(word.begin(), word.end(), [](char c) {
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || kPlain.find(c) != std::string_view::npos;
    });
    if (is_plain && !word.empty()) return std::string(word);
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    return out + "'";
}

std::optional<std::vector<std::string>> shell_split(std::string_view s) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const char c = s[i];
        if (is_space(c)) {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
            continue;
        }
        in_word = true;
        if (c == '\\') {
            if (++i == s.size()) return std::nullopt;
            word += s[i];
        } else if (c == '\'') {
            const std::size_t end = s.find('\'', i + 1);
            if (end == std::string_view::npos) return std::nullopt;
            word += s.substr(i + 1, end - i - 1);
            i = end;
        } else if (c == '"') {
            for (++i; i < s.size() && s[i] != '"'; ++i) {
                if (s[i] == '\\' && i + 1 < s.size() && (s[i + 1] == '"' || s[i + 1] == '\\')) ++i;
                word += s[i];
            }
            if (i == s.size()) return std::nullopt;
        } else {
            word += c;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

std::vector<std::string_view> near_matches(std::string_view word, const std::vector<std::string_view>& candidates) {
    std::vector<std::pair<std::size_t, std::string_view>> ranked;
    const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
    for (const std::string_view candidate : candidates) {
        // No fewer edits than the lengths differ: most candidates, and all of them when a word is enormous, are not
        // compared.
        if (std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size()) > allowed) continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance <= allowed) ranked.emplace_back(distance, candidate);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string_view> nearest;
    for (const auto& [distance, candidate] : ranked) {
        if (nearest.size() == 3) break;
        nearest.push_back(candidate);
    }
    return nearest;
}

}  // namespace gunicorn::text
