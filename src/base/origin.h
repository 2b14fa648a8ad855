#pragma once
// Who said it. Every assignment and every diagnostic carries one.

#include <string>
#include <vector>

namespace gunicorn {

/// Where a value came from, weakest first: a later source replaces what an earlier one said.
enum class SourceKind {
    defaults,             ///< the schema
    default_environment,  ///< a default taken from a variable of its own (WEB_CONCURRENCY, PORT ...); `name` is the variable
    paste,                ///< a paste INI file; `name` is its path
    config_file,          ///< the executed Python file or module; `name` is its path or "python:module"
    setting_environment,  ///< GUNICORN_SETTING_<NAME>; `name` is the variable
    command_environment,  ///< GUNICORN_CMD_ARGS; `name` is the variable, `position` the word
    command_line,         ///< argv; `position` is the index of the word
    runtime,              ///< cfg.set(...) by a hook; `name` is the file of the caller
    environment_file,     ///< a file of variables (--env-file); only findings have it, settings have the variable
    application,          ///< code of the application; never a source of settings, only a place; `name` is its file
};

/// A piece of one line. Everything is 1-based; columns count characters, and the end is behind the last one. 0: unknown.
struct Span {
    int line = 0;
    int column = 0;
    int end_column = 0;

    bool operator==(const Span&) const = default;
};

struct Origin {
    SourceKind kind = SourceKind::defaults;
    std::string name;                         ///< file or variable; empty for defaults and the command line
    int line = 0;                             ///< 1-based; 0 when unknown or without meaning
    int column = 0;                           ///< 1-based, of the name that is bound; 0 when unknown
    int position = 0;                         ///< 1-based word of the command line; 0 without meaning
    int end_column = 0;                       ///< behind the name; 0 when unknown
    Span value = {};                          ///< of what is bound to the name
    std::vector<std::string> variables = {};  ///< environment variables that were read to make the value

    bool operator==(const Origin&) const = default;
};

/// What a diagnostic points at: the value when its place is known, else the name.
[[nodiscard]] Span pointed_at(const Origin& origin) noexcept;

/// "gunicorn.conf.py:12:8", "command line", "GUNICORN_CMD_ARGS", "environment variable WEB_CONCURRENCY", "default".
[[nodiscard]] std::string to_string(const Origin& origin);

/// The source without a place in it: "gunicorn.conf.py", "command line", "WEB_CONCURRENCY". What source texts are filed
/// under.
[[nodiscard]] std::string source_name(const Origin& origin);

}  // namespace gunicorn
