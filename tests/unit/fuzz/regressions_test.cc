// Runs the fuzz targets over what is kept of their findings, with the compiler of the other tests.

#include "fuzz/fuzz_target.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace gunicorn::fuzz {
namespace {

struct Target {
    const char* name;
    void (*run)(std::string_view);
};
constexpr Target kTargets[] = {{"access_format", access_format},
                               {"body", body},
                               {"cli", cli},
                               {"config_json", config_json},
                               {"env_file", env_file},
                               {"head", head},
                               {"header_rules", header_rules},
                               {"paste", paste},
                               {"proxy", proxy},
                               {"redact", redact},
                               {"response", response},
                               {"session", session}};

TEST_CASE("every input that is kept of a fuzz target holds what is promised") {
    for (const Target& target : kTargets) {
        int count = 0;
        for (const auto& entry :
             std::filesystem::directory_iterator(std::string(GN_SOURCE_DIR "/tests/fuzz/regressions/") + target.name)) {
            INFO(entry.path());
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(file), {}};
            target.run(bytes);  // aborts where something does not hold
            ++count;
        }
        INFO(target.name);
        CHECK(count > 0);
    }
}

}  // namespace
}  // namespace gunicorn::fuzz
