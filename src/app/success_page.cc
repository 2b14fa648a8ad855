#include "app/success_page.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "config/automatic_workers.h"
#include "config/cross_checks.h"
#include "config/report/secrets.h"
#include "server/net/address.h"

namespace gunicorn::app {
namespace {

constexpr std::size_t kWidestValue = 48;

std::string_view name_of(config::CheckLevel level) {
    switch (level) {
        case config::CheckLevel::offline: return "offline: without this host and without the application";
        case config::CheckLevel::host: return "host: without the application";
        case config::CheckLevel::full: return "full";
    }
    return {};
}

std::string count_of(std::int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string user_name(std::int64_t id) {
    const passwd* entry = ::getpwuid(static_cast<uid_t>(id));
    return entry != nullptr ? entry->pw_name : std::to_string(id);
}

std::string group_name(std::int64_t id) {
    const group* entry = ::getgrgid(static_cast<gid_t>(id));
    return entry != nullptr ? entry->gr_name : std::to_string(id);
}

class Page {
public:
    explicit Page(Preparation& preparation) : preparation_(preparation), settings_(preparation.settings()) {}

    std::string write(const CheckSummary& summary) {
        out_ = "The configuration is valid" + (summary.findings.empty() ? std::string() : ", with " + summary.findings) +
               ".\n\n";
        write_settings();
        for (const std::string& text : settings_.bind) line("listens on", shown_address(text));
        line("runs as", account(config::SettingId::user, user_name) + ":" + account(config::SettingId::group, group_name));
        line("processes", processes());
        write_hooks();
        if (!summary.application.empty()) line("application", config::redact_text(summary.application));
        line("checked", fmt::format("{}, in {:.2f} s", name_of(summary.level), summary.took.count()));
        return std::move(out_);
    }

private:
    void line(std::string_view label, std::string_view text) { out_ += fmt::format("{:<14}{}\n", label, text); }

    std::string account(config::SettingId id, std::string (*name_of_number)(std::int64_t)) const {
        const config::RawValue value = preparation_.configuration().resolution.shown_value(config::declaration(id));
        if (const auto* name = value.get_if<std::string>()) return *name;
        return name_of_number(*value.get_if<std::int64_t>());
    }

    void write_settings() {
        std::size_t width = 0;
        for (const config::Declaration& setting : config::declarations()) {
            if (is_changed(setting)) width = std::max(width, setting.name.size());
        }
        for (const config::Declaration& setting : config::declarations()) {
            if (!is_changed(setting)) continue;
            const config::RawValue value =
                config::redact(setting, preparation_.configuration().resolution.shown_value(setting));
            std::string text = config::excerpt(value, &preparation_.objects());
            if (text.size() > kWidestValue) text = text.substr(0, kWidestValue - 3) + "...";
            out_ += fmt::format("  {:<{}}  {:<{}}  {}\n", setting.name, width, text, 24, place_of(setting));
        }
        if (width > 0) out_ += '\n';
    }

    /// Hooks have a line of their own; what the command line asks this check for is no setting of the server.
    bool is_changed(const config::Declaration& setting) const {
        if (setting.type == config::ValueType::hook) return false;
        if (setting.id == config::SettingId::check_config || setting.id == config::SettingId::print_config) return false;
        return settings_.origin(setting.id).kind != SourceKind::defaults;
    }

    std::string place_of(const config::Declaration& setting) const {
        const Origin& origin = settings_.origin(setting.id);
        std::string place = to_string(origin);
        for (const std::string& variable : origin.variables)
            place += (&variable == &origin.variables.front() ? " <- $" : ", $") + variable;
        return place;
    }

    static std::string shown_address(const std::string& text) {
        const auto address = server::Address::parse(text);
        return address ? to_string(*address) : text;
    }

    std::string processes() const {
        const std::string worker = config::effective_worker_class_name(settings_);
        const std::int64_t count = settings_.debug ? std::min<std::int64_t>(settings_.workers, 1) : settings_.workers;
        std::string text =
            fmt::format("1 master, {} ({})", count_of(count, "worker"), worker.empty() ? "a class of your own" : worker);
        if (worker == "gthread") text += fmt::format(" of {}", count_of(settings_.threads, "thread"));
        const auto& resolution = preparation_.configuration().resolution;
        const std::string automatic = config::explain_automatic_workers(resolution, *preparation_.context().facts);
        if (!automatic.empty()) text += ", " + automatic;
        return text;
    }

    void write_hooks() {
        std::string hooks;
        for (const config::Declaration& setting : config::declarations()) {
            if (setting.type != config::ValueType::hook || setting.get(settings_).is_none()) continue;
            hooks +=
                fmt::format("{}{} ({})", hooks.empty() ? "" : ", ", setting.name, to_string(settings_.origin(setting.id)));
        }
        if (!hooks.empty()) line("hooks", hooks);
    }

    Preparation& preparation_;
    const config::Settings& settings_;
    std::string out_;
};

}  // namespace

std::string success_page(Preparation& preparation, const CheckSummary& summary) { return Page(preparation).write(summary); }

}  // namespace gunicorn::app
