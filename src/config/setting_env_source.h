#pragma once

#include <string_view>

#include "config/source.h"
#include "config/validation.h"

namespace gunicorn::config {

/// GUNICORN_SETTING_WORKERS=8 says `workers`: the name of the setting in upper case behind this. The prefix is long on
/// purpose: applications use GUNICORN_WORKERS and the like for variables of their own.
inline constexpr std::string_view kSettingVariablePrefix = "GUNICORN_SETTING_";

/// One variable a setting, above the config file and below GUNICORN_CMD_ARGS. Values are texts, judged as those of an INI
/// are; lists are divided at commas. A variable with the prefix whose rest is no setting is a warning with a suggestion:
/// Gunicorn has no such layer, so whoever wrote it meant us.
class SettingEnvironmentSource final : public Source {
public:
    /// `environment` outlives the source.
    explicit SettingEnvironmentSource(const Environment& environment) : environment_(environment) {}
    SourceReading read() override;

private:
    const Environment& environment_;
};

}  // namespace gunicorn::config
