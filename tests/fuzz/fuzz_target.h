#pragma once
// One function a target, in TARGET_fuzz.cc. It returns when everything that is promised of the input holds, and aborts when
// something does not. entry.cc makes an executable for libFuzzer of each; tests/unit/fuzz runs all of them over what is kept
// in tests/fuzz/regressions.

#include <string_view>

namespace gunicorn::fuzz {

void access_format(std::string_view bytes);
void body(std::string_view bytes);
void cli(std::string_view bytes);
void config_json(std::string_view bytes);
void env_file(std::string_view bytes);
void head(std::string_view bytes);
void header_rules(std::string_view bytes);
void paste(std::string_view bytes);
void proxy(std::string_view bytes);
void redact(std::string_view bytes);
void response(std::string_view bytes);
void session(std::string_view bytes);

}  // namespace gunicorn::fuzz
