// Made from schema/diagnostics.yaml by tools/settings_codegen. Do not edit; edit the schema.

#include "base/text.h"
#include "config/cross_checks.h"
#include "config/rule_functions.h"
#include "config/rules.h"

namespace gunicorn::config {
namespace {

using namespace rule_functions;

// GCF002, workers
constexpr SettingId kReads0[] = {SettingId::workers, SettingId::threads};
bool applies0(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    if (!facts.cpu_quota) return false;
    return (settings.workers > minus(plus(times(std::int64_t{4}, *facts.cpu_quota), std::int64_t{4}), settings.threads));
}
std::string message0([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({shown(settings, SettingId::workers), " share ", std::to_string(*facts.cpu_quota), ": too many"});
}
std::string help0([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({"at most ", std::to_string(*facts.cpu_quota)});
}

// GCF002, path
constexpr SettingId kReads1[] = {SettingId::path, SettingId::worker_class, SettingId::threads};
bool applies1(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return ((settings.path != std::nullopt) && !(is_set(settings, SettingId::path) || is_given(settings.path)));
}
std::string message1([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({shown(settings, SettingId::path), " beside ", text::repr(effective_worker_class_name(settings))});
}

// GCF002, mode
constexpr SettingId kReads2[] = {SettingId::mode, SettingId::path, SettingId::worker_class, SettingId::threads};
bool applies2(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return ((settings.mode != "off") && !(is_set(settings, SettingId::path) || is_given(settings.path)));
}
std::string message2([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({shown(settings, SettingId::mode), " beside ", text::repr(effective_worker_class_name(settings))});
}

// GCF002, on_exit
constexpr SettingId kReads3[] = {SettingId::on_exit, SettingId::mode, SettingId::worker_class, SettingId::threads, SettingId::workers};
bool applies3(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return ((((settings.on_exit.is_set || is_given(settings.on_exit)) || (settings.mode == std::string_view("fast") || settings.mode == std::string_view("off"))) || (effective_worker_class_name(settings) == std::string_view("sync"))) || (settings.workers == std::int64_t{1} || settings.workers == std::int64_t{2}));
}
std::string message3([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({"is wrong"});
}

// GCF002, names
constexpr SettingId kReads4[] = {SettingId::reload, SettingId::names, SettingId::path, SettingId::sendfile, SettingId::mode};
bool applies4(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return (((((settings.reload != false) && contains(settings.names, std::string_view("a"))) && (settings.path == std::string_view("x"))) && (settings.sendfile == true)) && (settings.mode == settings.path));
}
std::string message4([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({"is wrong"});
}

// GCF002, bind
constexpr SettingId kReads5[] = {SettingId::bind, SettingId::headers};
bool applies5(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    if (!facts.pid_1) return false;
    if (!facts.under_systemd) return false;
    return (((binds_publicly(settings.bind) && has_useless_scheme_header(settings.headers)) && *facts.pid_1) && !*facts.under_systemd);
}
std::string message5([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({"is wrong"});
}

// GCF002, worker_class
constexpr SettingId kReads6[] = {SettingId::worker_class, SettingId::headers, SettingId::workers, SettingId::threads};
bool applies6(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return (((((settings.worker_class != ClassValue("sync")) && is_given(settings.headers)) && (settings.workers <= std::int64_t{1})) && (settings.workers >= std::int64_t{1})) && (settings.workers < settings.threads));
}
std::string message6([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {
    return joined({"says \"it\""});
}

constexpr std::array<Rule, 7> kRules{{
    {DiagId::thing_2, SettingId::workers, kReads0, &applies0, &message0, &help0},
    {DiagId::thing_2, SettingId::path, kReads1, &applies1, &message1, nullptr},
    {DiagId::thing_2, SettingId::mode, kReads2, &applies2, &message2, nullptr},
    {DiagId::thing_2, SettingId::on_exit, kReads3, &applies3, &message3, nullptr},
    {DiagId::thing_2, SettingId::names, kReads4, &applies4, &message4, nullptr},
    {DiagId::thing_2, SettingId::bind, kReads5, &applies5, &message5, nullptr},
    {DiagId::thing_2, SettingId::worker_class, kReads6, &applies6, &message6, nullptr},
}};

}  // namespace

std::span<const Rule> rules() noexcept { return kRules; }

}  // namespace gunicorn::config
