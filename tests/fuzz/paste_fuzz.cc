// The bytes are a paste file.

#include <algorithm>

#include "config/paste_source.h"
#include "config/resolver.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/report_checks.h"
#include "support/config_world.h"

namespace gunicorn::fuzz {
namespace {

using config::PasteSource;
using config::PasteSpec;

/// A key with a secret in front of what is given, where the section is the one that is read. %(password)s would show it by
/// the user's own wish.
std::string with_secret(std::string_view bytes) {
    return "[server:main]\npassword = " + std::string(kMarker) + "\n" + std::string(bytes);
}

void check_text(std::string_view text) {
    const PasteSpec spec{.written = "paste.ini", .path = "/srv/paste.ini", .name = "main"};
    const config::SourceReading reading = PasteSource(spec, {{"instance", "blue"}}).read_text(text);
    config::SourceTexts texts;
    texts.add(spec.written, std::string(text));
    const int line_count = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));

    for (const config::Assignment& one : reading.assignments) {
        GN_ASSERT(one.origin.kind == SourceKind::paste && one.origin.name == spec.written, "the file is named");
        GN_ASSERT(one.origin.line > 0 || one.setting == "default_proc_name", "what is assigned is written in a line");
        check_place(one.origin, texts, line_count);
    }
    check_places(reading.diagnostics, texts, line_count);
    check_reports(reading.diagnostics, texts);

    test::ConfigWorld world;
    config::ValidationContext context = world.context();
    context.files = config::HostFiles::not_asked;
    const config::Resolution resolution = config::resolve(config::Layers{.paste = reading.assignments}, context);
    check_places(resolution.diagnostics, texts, line_count);
    check_reports(resolution.diagnostics, texts);
}

}  // namespace

void paste(std::string_view bytes) {
    if (bytes.find(kMarker) != std::string_view::npos) return;
    check_text(bytes);
    if (bytes.find("password)s") == std::string_view::npos && bytes.find("get ") == std::string_view::npos) {
        check_text(with_secret(bytes));
    }
}

}  // namespace gunicorn::fuzz
