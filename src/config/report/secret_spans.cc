#include "config/report/secret_spans.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "config/registry.h"
#include "config/report/secrets.h"

namespace gunicorn::config {
namespace {

bool is_word(char c) {
    const char lower = text::lower(c);
    return (lower >= 'a' && lower <= 'z') || text::is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80U;
}

bool is_quote(char c) { return c == '"' || c == '\''; }

/// What may stand before a quotation mark: b"x", rf'x'.
bool is_prefix(std::string_view word) {
    return word.size() <= 2 && word.find_first_not_of("rRbBuUfFtT") == std::string_view::npos;
}

/// What was read last, as far as it says that a secret value follows.
enum class Last {
    other,
    secret_name,   ///< PASSWORD, "password"
    setting,       ///< raw_env
    setting_text,  ///< "raw_env"
    setting_dot,   ///< raw_env.
    method,        ///< raw_env.append
};

class Scanner {
public:
    explicit Scanner(std::string_view source) : source_(source) {}

    std::vector<Piece> run() {
        while (at_ < source_.size()) step();
        end_span(source_.size());
        return std::move(found_);
    }

private:
    struct Open {
        std::size_t begin;
        int depth;            ///< of brackets; the value ends where they are fewer
        bool ends_at_comma;   ///< within brackets
    };

    void step() {
        const char c = source_[at_];
        if (is_word(c)) return word();
        if (is_quote(c)) return quotation();
        switch (c) {
            case ' ':
            case '\t':
            case '\r':
            case '\f': ++at_; return;
            case '#': at_ = std::min(source_.find('\n', at_), source_.size()); return;
            case '\\': at_ += source_.substr(at_ + 1, 2) == "\r\n" ? 3 : 2; return;  // of a line: it goes on
            case '\n':
            case ';':
                if (depth_ == 0) end_statement();
                ++at_;
                return;
            case '(':
            case '[':
            case '{': return open(c);
            case ')':
            case ']':
            case '}': return close(c);
            default: return sign(c);
        }
    }

    void word() {
        const std::size_t begin = at_;
        while (at_ < source_.size() && is_word(source_[at_])) ++at_;
        const std::string_view word = source_.substr(begin, at_ - begin);
        if (at_ < source_.size() && is_quote(source_[at_]) && is_prefix(word)) return quotation();
        last_ = last_ == Last::setting_dot ? Last::method : kind_of(word, Last::setting);
    }

    /// To its closing mark; one of a single line ends with it at the latest.
    void quotation() {
        const char mark = source_[at_];
        const std::string_view marks = source_.substr(at_, 3);
        const bool is_long = marks.size() == 3 && marks[1] == mark && marks[2] == mark;
        at_ += is_long ? 3 : 1;
        const std::size_t begin = at_;
        const auto is_end = [&] { return is_long ? source_.substr(at_, 3) == marks : source_[at_] == mark || source_[at_] == '\n'; };
        while (at_ < source_.size() && !is_end()) at_ += source_[at_] == '\\' ? 2 : 1;
        at_ = std::min(at_, source_.size());
        const std::string_view text = source_.substr(begin, at_ - begin);
        if (is_long) {
            at_ = std::min(at_ + 3, source_.size());
        } else if (at_ < source_.size() && source_[at_] == mark) {
            ++at_;
        }
        last_ = std::ranges::all_of(text, is_word) ? kind_of(text, Last::setting_text) : Last::other;
    }

    Last kind_of(std::string_view word, Last setting) {
        const Declaration* declaration = find_setting(word);
        if (declaration == nullptr) return is_secret_name(word) ? Last::secret_name : Last::other;
        if (!declaration->secret) return Last::other;
        is_setting_named_ = true;
        return setting;
    }

    void open(char c) {
        ++depth_;
        ++at_;
        if (c == '(' && last_ == Last::method) begin_span(depth_, false);
        last_ = Last::other;
    }

    void close(char c) {
        depth_ = std::max(depth_ - 1, 0);
        if (span_ && depth_ < span_->depth) end_span(at_);
        ++at_;
        if (c != ']') last_ = Last::other;  // environ["SECRET"] = ...
    }

    /// Operators and commas.
    void sign(char c) {
        const bool is_followed = source_.substr(at_ + 1, 1) == "=";
        const Last last = last_;
        last_ = Last::other;
        ++at_;
        if (is_followed && std::string_view("=<>!").find(c) != std::string_view::npos) {
            ++at_;  // a comparison
        } else if (c == '=') {
            if (last != Last::other || (depth_ == 0 && is_setting_named_)) begin_span(depth_, true);
        } else if (is_followed) {
            last_ = last;  // += and the like
        } else if (c == ':' && last != Last::other) {
            if (depth_ == 0) {
                is_setting_named_ = true;  // PASSWORD: str = ...
            } else if (last != Last::setting) {
                begin_span(depth_, true);
            }
        } else if (c == '.' && last == Last::setting) {
            last_ = Last::setting_dot;
        } else if (c == ',') {
            if (span_ && span_->ends_at_comma && depth_ > 0 && span_->depth == depth_) end_span(at_ - 1);
            if (last == Last::setting_text && depth_ > 0) begin_span(depth_, true);  // setattr(conf, "raw_env", ...)
        }
    }

    void begin_span(int depth, bool ends_at_comma) {
        if (!span_) span_ = {at_, depth, ends_at_comma};
    }

    void end_span(std::size_t end) {
        if (span_ && span_->begin < end) found_.push_back({span_->begin, end});
        span_.reset();
    }

    void end_statement() {
        end_span(at_);
        is_setting_named_ = false;
        last_ = Last::other;
    }

    std::string_view source_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Last last_ = Last::other;
    bool is_setting_named_ = false;  // in this statement
    std::optional<Open> span_;
    std::vector<Piece> found_;
};

}  // namespace

std::vector<Piece> secret_spans(std::string_view source) { return Scanner(source).run(); }

}  // namespace gunicorn::config
