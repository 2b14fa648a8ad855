#pragma once
// What must not be shown: values of settings that the schema calls secret, and everything that reads like a password.

#include <string>
#include <string_view>

#include "config/registry.h"
#include "config/value.h"

namespace gunicorn::config {

/// Whether a text is for anybody (hidden) or for somebody who asked with --show-secrets.
enum class Secrets { hidden, shown };

inline constexpr std::string_view kRedacted = "[redacted]";

/// True for PASSWORD, db_passwd, API_KEY, SECRET_TOKEN ...: a name whose value nobody else should read.
[[nodiscard]] bool is_secret_name(std::string_view name);

/// "NAME=[redacted]" of NAME=VALUE, `[redacted]` of anything else.
[[nodiscard]] std::string redact_entry(std::string_view entry);

/// The text with `[redacted]` for what follows a secret name and `=` or `:`, for the password of a URL with a user, and for
/// the rest of a line that binds a setting that the schema calls secret.
[[nodiscard]] std::string redact_text(std::string_view text);

/// The value as it may be shown: texts within it redacted, entries of dictionaries with a secret key as a whole.
[[nodiscard]] RawValue redact_value(const RawValue& value);

/// The same for the value of a setting: of one that the schema calls secret only the shape stays. NAME=VALUE keeps its name.
[[nodiscard]] RawValue redact(const Declaration& setting, const RawValue& value);

}  // namespace gunicorn::config
