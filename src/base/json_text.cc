#include "base/json_text.h"

#include <array>
#include <cstdint>

#include "base/text.h"

namespace gunicorn {
namespace {

constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned byte = ' '; byte <= '~'; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}();
constexpr bool is_plain(char c) noexcept { return kPlain[static_cast<unsigned char>(c)]; }

constexpr std::uint32_t kReplacement = 0xfffd;

/// \uXXXX of one UTF-16 unit.
void append_unit(std::uint32_t unit, std::string& out) {
    constexpr char kDigits[] = "0123456789abcdef";
    const char escape[] = {'\\',
                           'u',
                           kDigits[unit >> 12U & 15U],
                           kDigits[unit >> 8U & 15U],
                           kDigits[unit >> 4U & 15U],
                           kDigits[unit & 15U]};
    out.append(escape, sizeof escape);
}

void append_code_point(std::uint32_t code, std::string& out) {
    if (code < 0x10000) return append_unit(code, out);
    append_unit(0xd800 + ((code - 0x10000) >> 10U), out);
    append_unit(0xdc00 + ((code - 0x10000) & 0x3ffU), out);
}

/// Of a well-formed sequence.
std::uint32_t decoded(std::string_view sequence) noexcept {
    const auto lead = static_cast<unsigned char>(sequence.front());
    if (sequence.size() == 1) return lead;
    std::uint32_t code = lead & (0x7fU >> sequence.size());
    for (const char c : sequence.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    return code;
}

void append_escape(char c, std::string& out) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: append_unit(static_cast<unsigned char>(c), out); return;
    }
}

}  // namespace

void append_json_text(std::string_view bytes, std::string& out) {
    out += '"';
    while (!bytes.empty()) {
        std::size_t plain = 0;
        while (plain < bytes.size() && is_plain(bytes[plain])) ++plain;
        out.append(bytes, 0, plain);
        bytes.remove_prefix(plain);
        if (bytes.empty()) break;
        const std::size_t size = text::utf8_sequence(bytes);
        if (size <= 1) {
            // A byte that begins no sequence, or one of ASCII.
            if (size == 0) {
                append_code_point(kReplacement, out);
            } else {
                append_escape(bytes.front(), out);
            }
            bytes.remove_prefix(1);
        } else {
            append_code_point(decoded(bytes.substr(0, size)), out);
            bytes.remove_prefix(size);
        }
    }
    out += '"';
}

}  // namespace gunicorn
