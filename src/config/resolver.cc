#include "config/resolver.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "config/cross_checks.h"
#include "config/known_names.h"
#include "config/python_int.h"
#include "config/refusal.h"
#include "config/rules.h"

namespace gunicorn::config {
namespace {

/// "write it as def post_fork(server, worker)"
std::string expected_form(const Declaration& hook) {
    std::string form = "write it as def " + std::string(hook.name) + "(";
    for (const std::string_view parameter : hook.params) {
        form += (form.ends_with('(') ? "" : ", ") + std::string(parameter);
    }
    return form + ")";
}

class Resolver {
public:
    explicit Resolver(const ValidationContext& context) : context_(context) {
        resolution_.knows_accounts = context.accounts != nullptr;
    }

    Resolution run(std::span<const Layer> layers) {
        for (const Declaration& setting : declarations()) apply_default(setting);
        for (const Layer& layer : layers) {
            for (const Assignment& assignment : layer) apply(assignment);
        }
        for (const Declaration& setting : declarations()) check_status(setting);
        add(cross_checks(resolution_.settings, refused_));
        add(check_rules(resolution_.settings, refused_, context_.facts == nullptr ? RuleFacts() : *context_.facts));
        return std::move(resolution_);
    }

private:
    /// Gunicorn: Setting.__init__, which sets every default but None.
    void apply_default(const Declaration& setting) {
        if (const std::string* text = variable_of(setting)) return apply_default_variable(setting, *text);
        const RawValue value = setting.default_value(context_);
        if (!value.is_none()) judge(setting, value, Origin());
    }

    const std::string* variable_of(const Declaration& setting) const {
        if (setting.default_env.empty() || context_.environment == nullptr) return nullptr;
        const auto found = context_.environment->find(setting.default_env);
        return found == context_.environment->end() ? nullptr : &found->second;
    }

    void apply_default_variable(const Declaration& setting, const std::string& text) {
        Origin origin{.kind = SourceKind::default_environment, .name = std::string(setting.default_env)};
        std::string value(setting.default_env_format);
        if (const std::size_t slot = value.find("{}"); slot != std::string::npos) {
            value.replace(slot, 2, text);
        } else {
            value = text;
        }
        // Gunicorn reads numbers of the environment with int(text), in base 10.
        const PythonInt number = parse_python_int(value, 10);
        const bool is_number = setting.type == ValueType::integer && number.outcome == IntOutcome::ok;
        judge(setting, is_number ? RawValue(number.value) : RawValue(std::move(value)), std::move(origin));
    }

    void apply(const Assignment& assignment) {
        if (const Declaration* setting = find_setting(assignment.setting)) {
            judge(*setting, assignment.value, assignment.origin);
        } else {
            Explanation unknown = explain_unknown(assignment.setting, Where::elsewhere);
            report(unknown.id, assignment.setting, assignment.origin, std::move(unknown.message), std::move(unknown.help));
        }
    }

    void judge(const Declaration& setting, RawValue value, Origin origin) {
        auto judged = setting.secret ? set_secretly(setting, value) : setting.set(resolution_.settings, value, context_);
        if (judged) {
            resolution_.settings.origins[static_cast<std::size_t>(setting.id)] = origin;
        } else {
            refused_.push_back(setting.id);
            std::string help = judged.error().id == DiagId::wrong_arity ? expected_form(setting) : judged.error().help;
            report(judged.error().id, setting.name, origin, judged.error().message, std::move(help));
        }
        resolution_.history.push_back({setting.id, std::move(value), std::move(origin), judged.has_value()});
    }

    Result<void, ValueError> set_secretly(const Declaration& setting, const RawValue& value) {
        ValidationContext context = context_;
        context.is_secret = true;
        return setting.set(resolution_.settings, value, context);
    }

    void check_status(const Declaration& setting) {
        const Origin& origin = resolution_.settings.origin(setting.id);
        if (origin.kind == SourceKind::defaults) return;
        if (setting.status == Status::not_yet && setting.asks_for_feature(resolution_.settings)) {
            const std::string value = excerpt(setting.get(resolution_.settings), context_.objects);
            report(DiagId::not_supported_yet, setting.name, origin,
                   (setting.secret ? "this value" : value) + " is not supported yet");
        }
        if (setting.status == Status::obsolete) {
            report(DiagId::obsolete_setting, setting.name, origin, "has no effect any more");
        }
    }

    void add(Diagnostics found) { std::move(found.begin(), found.end(), std::back_inserter(resolution_.diagnostics)); }

    void report(DiagId id, std::string_view setting, const Origin& origin, std::string message, std::string help = {}) {
        resolution_.diagnostics.push_back(
            {id, std::string(setting), origin, std::move(message), kind_of(id).severity, std::move(help)});
    }

    const ValidationContext& context_;
    Resolution resolution_;
    std::vector<SettingId> refused_;
};

}  // namespace

std::vector<Layer> Layers::weakest_first() const {
    return {paste, config_file, setting_environment, command_environment, command_line, runtime};
}

RawValue Resolution::shown_value(const Declaration& setting) const {
    if (!knows_accounts && (setting.id == SettingId::user || setting.id == SettingId::group)) {
        const auto winner = std::find_if(history.rbegin(), history.rend(),
                                         [&](const Candidate& one) { return one.id == setting.id && one.accepted; });
        const bool is_name = winner != history.rend() && winner->value.get_if<std::string>() != nullptr;
        if (is_name && !text::parse_decimal(*winner->value.get_if<std::string>())) return winner->value;
    }
    return setting.get(settings);
}

Resolution resolve(std::span<const Layer> layers, const ValidationContext& context) { return Resolver(context).run(layers); }

Resolution resolve(const Layers& layers, const ValidationContext& context) {
    return resolve(layers.weakest_first(), context);
}

}  // namespace gunicorn::config
