#include "config/report/config_diff.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "config/report/python_literal.h"

namespace gunicorn::config {
namespace {

/// As Python compares, but True is not 1: the order of dictionaries does not count.
bool is_same_value(const RawValue& a, const RawValue& b) {
    const List* list = a.get_if<List>();
    const List* other_list = b.get_if<List>();
    if (list != nullptr && other_list != nullptr) {
        return std::equal(list->begin(), list->end(), other_list->begin(), other_list->end(), is_same_value);
    }
    const Dict* entries = a.get_if<Dict>();
    const Dict* other_entries = b.get_if<Dict>();
    if (entries == nullptr || other_entries == nullptr) return a == b || repr(a) == repr(b);  // nan
    return std::is_permutation(
        entries->begin(), entries->end(), other_entries->begin(), other_entries->end(),
        [](const auto& x, const auto& y) { return x.first == y.first && is_same_value(x.second, y.second); });
}

/// A setting of another version has no declaration here; its name must do.
RawValue redacted(const std::string& name, const RawValue& value) {
    if (const Declaration* setting = find_setting(name)) return redact(*setting, value);
    const RawValue named = redact_value(Dict{{name, value}});
    return named.get_if<Dict>()->front().second;
}

class Comparison {
public:
    Comparison(ConfigDiff& diff, Secrets secrets) : diff_(diff), secrets_(secrets) {}

    void compare(const std::string& name, const DumpedSetting* left, const DumpedSetting* right) {
        if (left != nullptr && right != nullptr) {
            if (is_same_value(left->value, right->value)) {
                if (left->redacted || right->redacted) diff_.not_compared.push_back(name);
                return;
            }
            const bool is_half_hidden = left->redacted != right->redacted;
            if (is_half_hidden && is_same_value(redacted(name, left->value), redacted(name, right->value))) {
                diff_.not_compared.push_back(name);
                return;
            }
        }
        diff_.differences.push_back({name, side(left), side(right)});
    }

private:
    std::optional<DiffSide> side(const DumpedSetting* setting) const {
        if (setting == nullptr) return std::nullopt;
        const bool is_hidden = secrets_ == Secrets::hidden;
        return DiffSide{is_hidden ? redacted(setting->name, setting->value) : setting->value, setting->origin};
    }

    ConfigDiff& diff_;
    Secrets secrets_;
};

std::string side_line(char sign, const std::optional<DiffSide>& side, const std::string& server) {
    std::string out = std::string("  ") + sign + " ";
    if (!side) return out + "no setting of " + text::printable(server) + "\n";
    return out + python_literal(side->value) + "  " + shown_origin(side->origin) + "\n";
}

}  // namespace

ConfigDiff diff_configs(const DiffInput& left, const DiffInput& right, Secrets secrets) {
    std::map<std::string, std::pair<const DumpedSetting*, const DumpedSetting*>> pairs;
    for (const DumpedSetting& setting : left.dump.settings) pairs[setting.name].first = &setting;
    for (const DumpedSetting& setting : right.dump.settings) pairs[setting.name].second = &setting;

    ConfigDiff diff{.left_name = left.name,
                    .right_name = right.name,
                    .left_server = left.dump.server,
                    .right_server = right.dump.server,
                    .differences = {},
                    .not_compared = {}};
    Comparison comparison(diff, secrets);
    for (const auto& [name, sides] : pairs) {
        if (!is_about_one_run(name)) comparison.compare(name, sides.first, sides.second);
    }
    return diff;
}

std::string diff_text(const ConfigDiff& diff) {
    std::string out = "--- " + text::printable(diff.left_name) + "\n+++ " + text::printable(diff.right_name) + "\n";
    for (const Difference& one : diff.differences) {
        out += text::printable(one.setting) + "\n" + side_line('-', one.left, diff.left_server) +
               side_line('+', one.right, diff.right_server);
    }
    out += diff.is_same() ? "" : "\n";
    for (const std::string& name : diff.not_compared)
        out += text::printable(name) + ": not compared, one side is redacted\n";
    const std::size_t count = diff.differences.size();
    if (count == 0) return out + "no setting differs\n";
    return out + std::to_string(count) + (count == 1 ? " setting differs\n" : " settings differ\n");
}

}  // namespace gunicorn::config
