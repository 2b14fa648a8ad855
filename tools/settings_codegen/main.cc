// settings_codegen: makes code and documents from the schema.
//
//   settings_codegen cpp SCHEMA DIRECTORY    config/settings.gen.h, config/registry.gen.cc, config/json_schema.gen.cc,
//                                            hooks/hook_set.gen.h
//   settings_codegen docs SCHEMA FILE        the reference of every setting, as Markdown
//   settings_codegen json-schema SCHEMA FILE the same as JSON Schema
//   settings_codegen diagnostics DIAGNOSTICS DIRECTORY         base/diag_id.gen.h, base/diagnostics.gen.cc
//   settings_codegen diagnostic-pages DIAGNOSTICS DIRECTORY    a page for each code, as Markdown
//   settings_codegen rules SCHEMA DIAGNOSTICS DIRECTORY        config/rules.gen.cc
//
// Exit code 0; 1 when the schema is wrong or a file cannot be written; 2 for wrong arguments.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "binder.h"
#include "emit_cpp.h"
#include "emit_diagnostics.h"
#include "emit_docs.h"
#include "emit_json_schema.h"
#include "emit_rules.h"
#include "rule_binder.h"
#include "schema_reader.h"

namespace {

using namespace gunicorn::codegen;

struct Output {
    std::filesystem::path path;
    std::string text;
};

bool write(const Output& output) {
    std::error_code ignored;  // the stream says whether the directory is there
    std::filesystem::create_directories(output.path.parent_path(), ignored);
    std::ofstream stream(output.path, std::ios::binary);
    stream << output.text;
    stream.close();
    if (!stream) fmt::print(stderr, "settings_codegen: cannot write {}\n", output.path.string());
    return static_cast<bool>(stream);
}

int report(const std::string& schema, const Problems& problems) {
    for (const Problem& problem : problems) {
        fmt::print(stderr, "{}:{}: {} [{}]\n", schema, problem.line, problem.message, problem.id);
    }
    return 1;
}

int write_all(const std::vector<Output>& outputs) {
    bool written = true;
    for (const Output& output : outputs) written = write(output) && written;
    return written ? 0 : 1;
}

int make_settings(const std::string& command, const std::string& schema, const std::filesystem::path& target) {
    const Document document = read_schema(schema);
    if (!document.problems.empty()) return report(schema, document.problems);
    const Bound bound = bind(document.root);
    if (!bound.problems.empty()) return report(schema, bound.problems);
    if (command == "docs") return write_all({{target, emit_docs(bound.schema)}});
    const std::string json_schema = emit_json_schema(bound.schema.settings);
    if (command == "json-schema") return write_all({{target, json_schema}});
    return write_all({{target / "config/settings.gen.h", emit_settings(bound.schema.settings)},
                      {target / "config/registry.gen.cc", emit_registry(bound.schema)},
                      {target / "config/json_schema.gen.cc", emit_json_text(json_schema)},
                      {target / "hooks/hook_set.gen.h", emit_hook_set(bound.schema.settings)}});
}

int make_diagnostics(const std::string& schema, const std::filesystem::path& target, bool is_code) {
    const Document document = read_schema(schema);
    if (!document.problems.empty()) return report(schema, document.problems);
    const BoundDiagnostics bound = bind_diagnostics(document.root);
    if (!bound.problems.empty()) return report(schema, bound.problems);
    if (is_code) {
        return write_all({{target / "base/diag_id.gen.h", emit_diag_ids(bound.kinds)},
                          {target / "base/diagnostics.gen.cc", emit_diagnostic_table(bound.kinds)}});
    }
    std::vector<Output> pages;
    for (const auto& [name, text] : emit_diagnostic_pages(bound.kinds)) pages.push_back({target / name, text});
    return write_all(pages);
}

int make_rules(const std::string& schema, const std::string& diagnostics, const std::filesystem::path& target) {
    const Document settings_document = read_schema(schema);
    if (!settings_document.problems.empty()) return report(schema, settings_document.problems);
    const Bound settings = bind(settings_document.root);
    if (!settings.problems.empty()) return report(schema, settings.problems);
    const Document document = read_schema(diagnostics);
    if (!document.problems.empty()) return report(diagnostics, document.problems);
    const BoundDiagnostics bound = bind_diagnostics(document.root);
    if (!bound.problems.empty()) return report(diagnostics, bound.problems);
    const BoundRules rules = bind_rules(bound.kinds, settings.schema.settings);
    if (!rules.problems.empty()) return report(diagnostics, rules.problems);
    return write_all({{target / "config/rules.gen.cc", emit_rules(rules.rules)}});
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 4 && arguments[0] == "rules") return make_rules(arguments[1], arguments[2], arguments[3]);
    const std::string command = arguments.size() == 3 ? arguments[0] : std::string();
    if (command == "cpp" || command == "docs" || command == "json-schema") {
        return make_settings(command, arguments[1], arguments[2]);
    }
    if (command == "diagnostics" || command == "diagnostic-pages") {
        return make_diagnostics(arguments[1], arguments[2], command == "diagnostics");
    }
    fmt::print(stderr,
               "usage: settings_codegen cpp SCHEMA DIRECTORY\n"
               "       settings_codegen docs SCHEMA FILE\n"
               "       settings_codegen json-schema SCHEMA FILE\n"
               "       settings_codegen diagnostics DIAGNOSTICS DIRECTORY\n"
               "       settings_codegen diagnostic-pages DIAGNOSTICS DIRECTORY\n"
               "       settings_codegen rules SCHEMA DIAGNOSTICS DIRECTORY\n");
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& error) {
        fmt::print(stderr, "settings_codegen: {}\n", error.what());
        return 1;
    }
}
