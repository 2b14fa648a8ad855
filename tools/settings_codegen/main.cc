// settings_codegen: makes code and documents from the schema.
//
//   settings_codegen cpp SCHEMA DIRECTORY    config/settings.gen.h, config/registry.gen.cc, hooks/hook_set.gen.h
//   settings_codegen docs SCHEMA FILE        the reference of every setting, as Markdown
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
#include "emit_docs.h"
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

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() != 3 || (arguments[0] != "cpp" && arguments[0] != "docs")) {
        fmt::print(stderr, "usage: settings_codegen cpp SCHEMA DIRECTORY\n       settings_codegen docs SCHEMA FILE\n");
        return 2;
    }
    const std::string& schema = arguments[1];
    const std::filesystem::path target = arguments[2];

    const Document document = read_schema(schema);
    if (!document.problems.empty()) return report(schema, document.problems);
    const Bound bound = bind(document.root);
    if (!bound.problems.empty()) return report(schema, bound.problems);

    std::vector<Output> outputs;
    if (arguments[0] == "cpp") {
        outputs.push_back({target / "config/settings.gen.h", emit_settings(bound.schema.settings)});
        outputs.push_back({target / "config/registry.gen.cc", emit_registry(bound.schema)});
        outputs.push_back({target / "hooks/hook_set.gen.h", emit_hook_set(bound.schema.settings)});
    } else {
        outputs.push_back({target, emit_docs(bound.schema)});
    }
    bool written = true;
    for (const Output& output : outputs) written = write(output) && written;
    return written ? 0 : 1;
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
