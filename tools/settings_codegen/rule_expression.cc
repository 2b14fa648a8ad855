#include "rule_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cpp_text.h"

namespace gunicorn::codegen {
namespace {

struct Token {
    enum class Kind { name, integer, text, symbol, end };
    Kind kind = Kind::end;
    std::string_view text;  ///< without the quotation marks

    [[nodiscard]] bool is(std::string_view what) const {
        return (kind == Kind::symbol || kind == Kind::name) && text == what;
    }
};

constexpr std::array<std::string_view, 6> kComparisons{"==", "!=", "<=", ">=", "<", ">"};
constexpr std::array<std::string_view, 6> kWords{"and", "or", "not", "in", "true", "false"};

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || text::is_digit(c) || c == '_'; }

std::string_view leading(std::string_view text, bool (*belongs)(char)) {
    return text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin()));
}

RuleResult<Token> next_token(std::string_view rest) {
    const char first = rest.front();
    if (text::is_digit(first)) return Token{Token::Kind::integer, leading(rest, text::is_digit)};
    if (is_name_character(first)) return Token{Token::Kind::name, leading(rest, is_name_character)};
    if (first == '"') {
        const std::size_t end = rest.find('"', 1);
        if (end == std::string_view::npos) return rule_error("bad-expression", "a text is not closed");
        return Token{Token::Kind::text, rest.substr(1, end - 1)};
    }
    for (const std::string_view symbol : kComparisons) {
        if (rest.starts_with(symbol)) return Token{Token::Kind::symbol, rest.substr(0, symbol.size())};
    }
    if (std::string_view("()[],+-*").find(first) != std::string_view::npos) {
        return Token{Token::Kind::symbol, rest.substr(0, 1)};
    }
    return rule_error("bad-expression", fmt::format("`{}` means nothing", first));
}

RuleResult<std::vector<Token>> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    for (std::string_view rest = text::trim(text); !rest.empty(); rest = text::trim(rest)) {
        GN_TRY(const Token token, next_token(rest));
        rest.remove_prefix(token.text.size() + (token.kind == Token::Kind::text ? 2 : 0));
        tokens.push_back(token);
    }
    tokens.push_back({});
    return tokens;
}

bool is_boolean(ValueKind kind) { return kind == ValueKind::boolean || kind == ValueKind::maybe_boolean; }
bool is_text(ValueKind kind) { return kind == ValueKind::text || kind == ValueKind::maybe_text; }

bool are_comparable(ValueKind a, ValueKind b) {
    return (is_boolean(a) && is_boolean(b)) || (is_text(a) && is_text(b)) || (a == ValueKind::integer && b == a);
}

/// Recursive descent, one method a level, weakest first. Every value is emitted in parentheses or as one call.
class Parser {
public:
    Parser(std::vector<Token> tokens, RuleScope& scope) : tokens_(std::move(tokens)), scope_(scope) {}

    RuleResult<std::string> condition() {
        GN_TRY(Value value, disjunction());
        if (peek().kind != Token::Kind::end) return unexpected();
        return boolean_code(value);
    }

private:
    RuleResult<Value> disjunction() { return chain("or", "||", &Parser::conjunction); }
    RuleResult<Value> conjunction() { return chain("and", "&&", &Parser::negation); }

    RuleResult<Value> chain(std::string_view word, std::string_view symbol, RuleResult<Value> (Parser::*part)()) {
        GN_TRY(Value left, (this->*part)());
        while (take(word)) {
            GN_TRY(const std::string first, boolean_code(left));
            GN_TRY(const Value right, (this->*part)());
            GN_TRY(const std::string second, boolean_code(right));
            left = {ValueKind::boolean, fmt::format("({} {} {})", first, symbol, second)};
        }
        return left;
    }

    RuleResult<Value> negation() {
        if (!take("not")) return comparison();
        GN_TRY(const Value value, negation());
        GN_TRY(const std::string code, boolean_code(value));
        return Value{ValueKind::boolean, "!" + code};
    }

    RuleResult<Value> comparison() {
        GN_TRY(Value left, sum());
        if (take("in")) return peek().is("[") ? in_literals(left) : in_setting(left);
        const std::string_view sign = peek().text;
        const bool compares = peek().kind == Token::Kind::symbol &&
                              std::find(kComparisons.begin(), kComparisons.end(), sign) != kComparisons.end();
        if (!compares) return left;
        ++at_;
        GN_TRY(const Value right, sum());
        const bool is_order = sign != "==" && sign != "!=";
        if (!are_comparable(left.kind, right.kind) || (is_order && left.kind != ValueKind::integer)) {
            return rule_error("expression-type", fmt::format("the two sides of `{}` do not go together", sign));
        }
        return Value{ValueKind::boolean, fmt::format("({} {} {})", left.code, sign, right.code)};
    }

    RuleResult<Value> in_literals(const Value& left) {
        TextList parts;
        do {
            ++at_;  // the bracket or a comma
            const Token token = peek();
            if (token.kind != Token::Kind::integer && token.kind != Token::Kind::text) return unexpected();
            GN_TRY(const Value right, primary());
            if (!are_comparable(left.kind, right.kind)) {
                return rule_error("expression-type", "the list holds values of another type");
            }
            parts.push_back(fmt::format("{} == {}", left.code, right.code));
        } while (peek().is(","));
        if (!take("]")) return unexpected();
        return Value{ValueKind::boolean, fmt::format("({})", fmt::join(parts, " || "))};
    }

    RuleResult<Value> in_setting(const Value& left) {
        GN_TRY(const Value right, primary());
        if (left.kind != ValueKind::text || right.kind != ValueKind::texts) {
            return rule_error("expression-type", "`in` needs a text and a list of texts");
        }
        return Value{ValueKind::boolean, fmt::format("contains({}, {})", right.code, left.code)};
    }

    RuleResult<Value> sum() {
        GN_TRY(Value left, product());
        while (peek().is("+") || peek().is("-")) {
            const std::string_view function = take("+") ? "plus" : (++at_, "minus");
            GN_TRY(const Value right, product());
            GN_TRY(left, arithmetic(function, left, right));
        }
        return left;
    }

    RuleResult<Value> product() {
        GN_TRY(Value left, primary());
        while (take("*")) {
            GN_TRY(const Value right, primary());
            GN_TRY(left, arithmetic("times", left, right));
        }
        return left;
    }

    static RuleResult<Value> arithmetic(std::string_view function, const Value& left, const Value& right) {
        if (left.kind != ValueKind::integer || right.kind != ValueKind::integer) {
            return rule_error("expression-type", "only numbers are calculated with");
        }
        return Value{ValueKind::integer, fmt::format("{}({}, {})", function, left.code, right.code)};
    }

    RuleResult<Value> primary() {
        const Token token = peek();
        if (token.kind == Token::Kind::integer) {
            if (token.text.size() > 18) return rule_error("bad-expression", fmt::format("{} is too large", token.text));
            ++at_;
            return Value{ValueKind::integer, fmt::format("std::int64_t{{{}}}", text::parse_decimal(token.text).value_or(0))};
        }
        if (token.kind == Token::Kind::text) {
            ++at_;
            return Value{ValueKind::text, fmt::format("std::string_view({})", quoted(token.text))};
        }
        if (take("(")) {
            GN_TRY(Value value, disjunction());
            if (!take(")")) return unexpected();
            return value;
        }
        if (token.is("true") || token.is("false")) {
            ++at_;
            return Value{ValueKind::boolean, std::string(token.text)};
        }
        if (token.kind != Token::Kind::name || std::find(kWords.begin(), kWords.end(), token.text) != kWords.end()) {
            return unexpected();
        }
        ++at_;
        return take("(") ? call(token.text) : scope_.value_of(token.text);
    }

    RuleResult<Value> call(std::string_view function) {
        const Token name = peek();
        if (name.kind != Token::Kind::name) return unexpected();
        ++at_;
        if (!take(")")) return unexpected();
        return scope_.call(function, name.text);
    }

    static RuleResult<std::string> boolean_code(const Value& value) {
        if (value.kind == ValueKind::boolean) return value.code;
        return rule_error("expression-type", "a condition must be true or false, and never None");
    }

    [[nodiscard]] const Token& peek() const { return tokens_[at_]; }

    bool take(std::string_view what) {
        if (!peek().is(what)) return false;
        ++at_;
        return true;
    }

    Unexpected<RuleError> unexpected() const {
        const bool is_end = peek().kind == Token::Kind::end;
        return rule_error("bad-expression",
                          is_end ? "something is missing at the end" : fmt::format("`{}` is not expected", peek().text));
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    RuleScope& scope_;
};

}  // namespace

RuleResult<std::string> compile_condition(std::string_view text, RuleScope& scope) {
    GN_TRY(std::vector<Token> tokens, tokens_of(text));
    return Parser(std::move(tokens), scope).condition();
}

RuleResult<std::string> compile_text(std::string_view text, RuleScope& scope) {
    TextList parts;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        if (open != 0) parts.push_back(quoted(text.substr(0, open)));
        if (open == std::string_view::npos) break;
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos) return rule_error("bad-expression", "a brace is not closed");
        GN_TRY(std::string value, scope.shown(text.substr(open + 1, close - open - 1)));
        parts.push_back(std::move(value));
        text.remove_prefix(close + 1);
    }
    return fmt::format("joined({{{}}})", fmt::join(parts, ", "));
}

}  // namespace gunicorn::codegen
