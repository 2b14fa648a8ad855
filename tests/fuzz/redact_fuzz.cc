// A secret stands somewhere in the bytes; the first two say where, and the third in which form.

#include <algorithm>
#include <array>
#include <string>

#include "base/assert.h"
#include "config/report/secret_lines.h"
#include "config/report/secrets.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/report_checks.h"

namespace gunicorn::fuzz {
namespace {

struct Form {
    std::string_view before;
    std::string_view behind;
};
/// Those whose meaning does not depend on what stands before them: a quotation may end a value anywhere, and a name that
/// ends a bare value is part of it.
constexpr std::array<Form, 6> kForms{{{"PASSWORD=", ""},
                                      {"db_passwd:", ""},
                                      {"\nAPI_KEY = ", ""},
                                      {"\nSecret-Token\t:\t", " "},
                                      {" amqp://worker:", "@queue/jobs"},
                                      {"\nclient_secret=", "\n"}}};

/// The secret is in a list that other bytes surround on its lines.
void check_lines_of_a_list(std::string_view before, std::string_view behind) {
    const std::string source =
        "raw_env = [\n'" + std::string(kMarker) + "',\n" + std::string(before) + "\n" + std::string(behind) + "\n";
    const std::vector<config::Piece> spans = config::secret_spans(source);
    std::size_t end = 0;
    for (const config::Piece& span : spans) {
        GN_ASSERT(end <= span.begin && span.begin < span.end && span.end <= source.size(), "spans follow each other in the source");
        end = span.end;
    }
    GN_ASSERT(config::redact_python_line(source, spans, 2).find(kMarker) == std::string::npos, "whatever follows");
    for (int line = 3; line < 9; ++line) (void)config::redact_python_line(source, spans, line);
}

}  // namespace

void redact(std::string_view bytes) {
    if (bytes.size() < 3 || bytes.find(kMarker) != std::string_view::npos) return;
    const auto number = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    const std::string_view text = bytes.substr(3);
    const std::size_t at = std::min(number(0) << 8U | number(1), text.size());
    const Form& form = kForms[number(2) % kForms.size()];

    const std::string planted = std::string(text.substr(0, at)) + std::string(form.before) + std::string(kMarker) +
                                std::string(form.behind) + std::string(text.substr(at));
    GN_ASSERT(config::redact_text(planted).find(kMarker) == std::string::npos, "what follows a secret name is hidden");

    const config::RawValue entry(
        config::Dict{{"db_password", config::RawValue(kMarker)}, {"note", config::RawValue(planted)}});
    const std::string shown = config::repr(config::redact_value(config::List{entry}));
    GN_ASSERT(shown.find(kMarker) == std::string::npos, "however deep it stands");

    check_lines_of_a_list(text.substr(0, at), text.substr(at));
    if (text.find_first_of("=:") == std::string_view::npos) {
        GN_ASSERT(config::redact_text(text) == text, "a text that gives nothing a value stays as it is");
    }
}

}  // namespace gunicorn::fuzz
