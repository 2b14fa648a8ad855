#include "server/log/access_format.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "server/log/access_json.h"
#include "server/log/access_values.h"
#include "server/log/log_date.h"
#include "server/log/log_number.h"

namespace gunicorn::server {
namespace {

/// Everything but printable ASCII without the quote and the backslash.
constexpr auto kEscaped = [] {
    std::array<bool, 256> escaped{};
    for (unsigned byte = 0; byte < escaped.size(); ++byte) {
        escaped[byte] = byte < ' ' || byte > '~' || byte == '"' || byte == '\\';
    }
    return escaped;
}();
constexpr bool must_escape(char c) noexcept { return kEscaped[static_cast<unsigned char>(c)]; }

void append_hex(char c, std::string& out) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    const char escape[] = {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    out.append(escape, sizeof escape);
}

void append_or_dash(std::string_view text, std::string& out) {
    if (text.empty()) {
        out += '-';
    } else {
        append_escaped(text, out);
    }
}

void append_or_dash(const std::optional<std::string_view>& text, std::string& out) {
    if (text) return append_escaped(*text, out);
    out += '-';
}

void append_environ(const gateway::EnvironValues* values, const std::string& lower_name, std::string& out) {
    std::string value;
    if (values != nullptr && values->append_environ_value(lower_name, value)) return append_escaped(value, out);
    out += '-';
}

template <class Unit>
std::int64_t whole(std::chrono::nanoseconds duration) {
    return std::chrono::duration_cast<Unit>(duration).count();
}

/// What people write when they mean an atom: names of other servers and of the thing itself.
struct Meant {
    std::string_view word;
    std::string_view atom;
};
constexpr std::array kMeant = std::to_array<Meant>({
    {"remote_addr", "h"},  {"remote_address", "h"}, {"client_ip", "h"},      {"host", "h"},       {"user", "u"},
    {"remote_user", "u"},  {"date", "t"},           {"time", "t"},           {"time_local", "t"}, {"request", "r"},
    {"request_line", "r"}, {"method", "m"},         {"request_method", "m"}, {"path", "U"},       {"url", "U"},
    {"uri", "U"},          {"query", "q"},          {"query_string", "q"},   {"protocol", "H"},   {"status", "s"},
    {"status_code", "s"},  {"bytes", "B"},          {"size", "B"},           {"length", "B"},     {"referer", "f"},
    {"referrer", "f"},     {"agent", "a"},          {"user_agent", "a"},     {"seconds", "T"},    {"duration", "D"},
    {"request_time", "L"}, {"microseconds", "D"},   {"milliseconds", "M"},   {"ms", "M"},         {"pid", "p"},
    {"process", "p"},
});

/// "did you mean %(s)s?", or the list.
std::string suggestion(std::string_view name) {
    constexpr std::string_view kAll = "the atoms are h l u t r m U q H s B b f a T D M L p {header}i {header}o {variable}e";
    if (name.starts_with('{')) {
        const std::string_view inner = name.substr(1, name.find('}') - 1);
        return fmt::format("did you mean %({{{0}}}i)s, the request header, %({{{0}}}o)s or %({{{0}}}e)s?", inner);
    }
    std::vector<std::string_view> words;
    for (const Meant& meant : kMeant) words.push_back(meant.word);
    const std::vector<std::string_view> near = text::near_matches(name, words);
    if (name.size() > 1 && !near.empty()) {
        const auto meant =
            std::find_if(kMeant.begin(), kMeant.end(), [&](const Meant& m) { return m.word == near.front(); });
        return fmt::format("did you mean %({})s?", meant->atom);
    }
    return std::string(kAll);
}

}  // namespace

void append_escaped(std::string_view text, std::string& out) {
    // Nearly all text is clean; without an early exit the scan costs little more than the copy.
    bool is_dirty = false;
    for (const char c : text) is_dirty |= must_escape(c);
    if (!is_dirty) {
        out += text;
        return;
    }
    for (const char c : text) {
        if (!must_escape(c)) {
            out += c;
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else {
            append_hex(c, out);
        }
    }
}

std::string escaped(std::string_view text) {
    std::string out;
    append_escaped(text, out);
    return out;
}

/// Reads the format from left to right.
struct AccessFormat::Scanner {
    std::string_view rest;
    UnknownAtoms unknown;

    char take() {
        const char c = rest.empty() ? '\0' : rest.front();
        if (!rest.empty()) rest.remove_prefix(1);
        return c;
    }
    std::string_view take_digits() {
        const auto end = std::find_if_not(rest.begin(), rest.end(), text::is_digit);
        const auto digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
        rest.remove_prefix(digits.size());
        return digits;
    }

    // Python: "%" "(" name ")" flags width "." precision conversion. The "%" is taken.
    Result<Piece> piece() {
        const std::string_view spec = rest;
        if (rest.empty()) return refuse("ends with a single %; a percent sign is written %%");
        if (take() != '(') {
            return refuse(fmt::format("%{0}: an atom is written %(name)s, a percent sign %%", spec.front()));
        }
        const std::size_t end = rest.find(')');
        if (end == std::string_view::npos) return refuse(fmt::format("%{}: the \"(\" is not closed", spec));
        const std::string_view name = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        Piece piece;
        GN_TRY(piece, atom(name));
        GN_CHECK(layout(piece, name));
        return piece;
    }

    Result<void> layout(Piece& piece, std::string_view name) {
        bool has_sign = false;
        for (; !rest.empty() && std::string_view("-0 +#").find(rest.front()) != std::string_view::npos; take()) {
            piece.left = piece.left || rest.front() == '-';
            piece.zeros = piece.zeros || rest.front() == '0';
            has_sign = has_sign || rest.front() == '+' || rest.front() == ' ';
        }
        if (const std::string_view digits = take_digits(); !digits.empty()) {
            piece.width = static_cast<std::uint16_t>(std::min(text::parse_decimal(digits).value_or(kLimit), kLimit));
        }
        if (!rest.empty() && rest.front() == '.') {
            take();
            const std::string_view digits = take_digits();
            piece.precision =
                digits.empty() ? 0 : static_cast<int>(std::min(text::parse_decimal(digits).value_or(kLimit), kLimit));
        }
        const char conversion = take();
        if (conversion == '\0') return refuse(fmt::format("%({0}) ends without a conversion; write %({0})s", name));
        if (conversion == 's') {
            piece.zeros = false;  // Python pads only numbers so, and writes a sign only before them
            return {};
        }
        if (std::string_view("diuf").find(conversion) == std::string_view::npos || has_sign) {
            return refuse(fmt::format("%({0}){1} is not possible here; write %({0})s", name, conversion));
        }
        // Of a text Python would say so at each request.
        if (!is_number(piece.atom)) return refuse(fmt::format("%({0}){1}: {0} is text; write %({0})s", name, conversion));
        piece.decimals = conversion == 'f' ? (piece.precision < 0 ? 6 : piece.precision) : 0;
        piece.precision = -1;
        return {};
    }

    static constexpr std::uint64_t kLimit = 1000;  // of widths
    static bool is_number(Atom atom) {
        return atom == Atom::bytes || atom == Atom::seconds || atom == Atom::microseconds || atom == Atom::milliseconds;
    }

    Result<Piece> atom(std::string_view name) const {
        struct Name {
            std::string_view name;
            Atom atom;
            std::string_view field;
        };
        static constexpr std::array kAtoms = std::to_array<Name>({
            {"h", Atom::remote_addr, {}},
            {"l", Atom::dash, {}},
            {"u", Atom::user, {}},
            {"t", Atom::date, {}},
            {"r", Atom::request_line, {}},
            {"m", Atom::method, {}},
            {"U", Atom::path, {}},
            {"q", Atom::query, {}},
            {"H", Atom::protocol, {}},
            {"s", Atom::status, {}},
            {"B", Atom::bytes, {}},
            {"b", Atom::bytes, {}},
            {"f", Atom::request_header, "referer"},
            {"a", Atom::request_header, "user-agent"},
            {"T", Atom::seconds, {}},
            {"D", Atom::microseconds, {}},
            {"M", Atom::milliseconds, {}},
            {"L", Atom::decimal_seconds, {}},
            {"p", Atom::pid, {}},
        });
        for (const Name& known : kAtoms) {
            if (known.name == name) return Piece{.atom = known.atom, .text = std::string(known.field)};
        }
        const std::size_t close = name.find('}');
        if (name.starts_with('{') && close != std::string_view::npos && close > 1 && close + 2 == name.size()) {
            const std::string field = text::to_lower(name.substr(1, close - 1));
            switch (text::lower(name.back())) {  // the whole atom is looked up in lower case
                case 'i': return Piece{.atom = Atom::request_header, .text = field};
                case 'o': return Piece{.atom = Atom::response_header, .text = field};
                case 'e': return Piece{.atom = Atom::environ_value, .text = field};
                default: break;
            }
        }
        if (unknown == UnknownAtoms::print_dash) return Piece{.atom = Atom::dash};
        return refuse(fmt::format("%({})s is no atom of the access log; {}", name, suggestion(name)));
    }

    static Unexpected<Error> refuse(std::string message) { return failure(ErrorKind::invalid_argument, std::move(message)); }
};

Result<AccessFormat> AccessFormat::compile(std::string_view format, UnknownAtoms unknown) {
    AccessFormat compiled;
    compiled.is_json_ = format == kJsonFormat;
    if (compiled.is_json_) return compiled;
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty()) compiled.pieces_.push_back({.atom = Atom::literal, .text = std::move(literal)});
        literal.clear();
    };
    Scanner scanner{format, unknown};
    while (!scanner.rest.empty()) {
        const char c = scanner.take();
        if (c != '%') {
            literal += c;
        } else if (scanner.rest.starts_with('%')) {
            literal += scanner.take();
        } else {
            GN_TRY(Piece piece, scanner.piece());
            end_literal();
            if (piece.atom == Atom::environ_value) compiled.environ_names_.push_back(piece.text);
            compiled.pieces_.push_back(std::move(piece));
        }
    }
    end_literal();
    return compiled;
}

void AccessFormat::print(const gateway::AccessRecord& record, std::string& out) const {
    if (is_json_) return append_access_json(record, out);
    for (const Piece& piece : pieces_) {
        const std::size_t start = out.size();
        append_atom(piece, record, out);
        if (piece.decimals > 0) out.append(1, '.').append(static_cast<std::size_t>(piece.decimals), '0');
        if (piece.precision >= 0 && out.size() - start > static_cast<std::size_t>(piece.precision)) {
            out.resize(start + static_cast<std::size_t>(piece.precision));
        }
        const std::size_t size = out.size() - start;
        if (size >= piece.width) continue;
        if (piece.left) {
            out.append(piece.width - size, ' ');
        } else {
            out.insert(start, piece.width - size, piece.zeros ? '0' : ' ');
        }
    }
}

void AccessFormat::append_atom(const Piece& piece, const gateway::AccessRecord& record, std::string& out) const {
    using namespace std::chrono;
    switch (piece.atom) {
        case Atom::literal: out += piece.text; return;
        case Atom::dash: out += '-'; return;
        case Atom::remote_addr: append_escaped(record.remote_addr, out); return;
        case Atom::user:
            if (const auto user = basic_user(record.request)) return append_escaped(*user, out);
            out += '-';
            return;
        case Atom::date: append_access_date(record.timestamp, out); return;
        case Atom::request_line: append_or_dash(record.request_line, out); return;
        case Atom::method: append_or_dash(record.method, out); return;
        case Atom::path:
            // Empty is a path, but not that of a request that could not be read.
            if (record.request != nullptr) return append_escaped(record.path, out);
            return append_or_dash(record.path, out);
        case Atom::query: append_escaped(record.query, out); return;
        case Atom::protocol: append_or_dash(record.protocol, out); return;
        case Atom::status: append_number(record.status, out); return;
        case Atom::bytes: append_number(static_cast<std::int64_t>(record.bytes_sent), out); return;
        case Atom::seconds: append_number(whole<seconds>(record.duration), out); return;
        case Atom::microseconds: append_number(whole<microseconds>(record.duration), out); return;
        case Atom::milliseconds: append_number(whole<milliseconds>(record.duration), out); return;
        case Atom::decimal_seconds: append_decimal_seconds(record.duration, out); return;
        case Atom::pid:
            out += '<';
            append_number(record.pid, out);
            out += '>';
            return;
        case Atom::request_header: append_or_dash(request_field(record.request, piece.text), out); return;
        case Atom::response_header: append_or_dash(response_field(record.response, piece.text), out); return;
        case Atom::environ_value: append_environ(record.environ_values, piece.text, out); return;
    }
}

}  // namespace gunicorn::server
