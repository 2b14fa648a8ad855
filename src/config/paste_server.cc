#include "config/paste_server.h"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include "base/text.h"
#include "config/known_names.h"
#include "config/refusal.h"
#include "config/registry.h"

namespace gunicorn::config {
namespace {

constexpr int kMaxInterpolationDepth = 10;  // configparser.MAX_INTERPOLATION_DEPTH
/// Bytes that one value may take from others: ten levels of a few names each would be gigabytes.
constexpr std::size_t kMaxInterpolatedBytes = 1U << 20U;

/// The interpolated text, or what is wrong with it.
using Interpolated = Result<std::string, std::string>;

/// What %(name)s may name: the section, over [DEFAULT], over what --paste-global said.
class Names {
public:
    Names(const PasteSpec& spec, const PasteSource::GlobalConf& global_conf) {
        for (const auto& [name, value] : global_conf) values_[name] = value;
        here_["here"] = spec.path.substr(0, spec.path.rfind('/'));
        here_["__file__"] = spec.path;
    }
    void add(const IniSection& section) {
        for (const IniEntry& entry : section.entries) values_[entry.key] = entry.value;
    }

    /// configparser.BasicInterpolation.
    Interpolated interpolate(std::string_view text) const {
        std::size_t bytes_left = kMaxInterpolatedBytes;
        return interpolate(text, 1, bytes_left);
    }

private:
    Interpolated interpolate(std::string_view text, int depth, std::size_t& bytes_left) const {
        std::string out;
        while (!text.empty()) {
            const std::size_t percent = text.find('%');
            out += text.substr(0, percent);
            if (percent == std::string_view::npos) break;
            text.remove_prefix(percent + 1);
            if (text.starts_with('%')) {
                out += '%';
                text.remove_prefix(1);
                continue;
            }
            const std::size_t close = text.find(")s");
            if (!text.starts_with('(') || close == std::string_view::npos) {
                return Unexpected{std::string("a % must be followed by another % or by (name)s")};
            }
            GN_TRY(const std::string value, look_up(text.substr(1, close - 1), depth, bytes_left));
            out += value;
            text.remove_prefix(close + 2);
        }
        return out;
    }

    Interpolated look_up(std::string_view name, int depth, std::size_t& bytes_left) const {
        if (const auto found = here_.find(name); found != here_.end()) return found->second;
        const auto found = values_.find(name);
        if (found == values_.end()) return Unexpected{"%(" + std::string(name) + ")s names nothing in this file"};
        if (depth >= kMaxInterpolationDepth) return Unexpected{"%(" + std::string(name) + ")s refers to itself"};
        // An empty value costs as well, since asking for it takes time.
        const std::size_t cost = found->second.size() + 1;
        if (cost > bytes_left) return Unexpected{"%(" + std::string(name) + ")s makes the value larger than 1 MiB"};
        bytes_left -= cost;
        return interpolate(found->second, depth + 1, bytes_left);
    }

    std::map<std::string, std::string, std::less<>> values_;
    std::map<std::string, std::string, std::less<>> here_;
};

/// The entries that count: of a repeated key the last one.
std::vector<const IniEntry*> effective_entries(const IniSection& section) {
    std::vector<const IniEntry*> entries;
    for (const IniEntry& entry : section.entries) {
        if (section.find(entry.key) == &entry) entries.push_back(&entry);
    }
    return entries;
}

class ServerReader {
public:
    ServerReader(const IniDocument& document, const PasteSpec& spec, const PasteSource::GlobalConf& global_conf)
        : document_(document), spec_(spec), names_(spec, global_conf) {}

    SourceReading run() {
        assign("default_proc_name", spec_.path, whole_file());
        const IniSection* loggers = document_.find("loggers");
        if (loggers != nullptr)
            assign("logconfig", spec_.path,
                   Origin{.kind = SourceKind::paste, .name = spec_.written, .line = loggers->entries.front().key_span.line});

        const IniSection* defaults = document_.find("DEFAULT");
        const IniSection* server = server_section();
        if (defaults != nullptr) names_.add(*defaults);
        if (server != nullptr) names_.add(*server);
        if (defaults != nullptr) read_defaults(*defaults, server);
        if (server != nullptr) read_server(*server);
        return std::move(reading_);
    }

private:
    const IniSection* server_section() const {
        for (const std::string& name : {spec_.name, std::string("main")}) {
            for (const IniSection& section : document_.sections) {
                const std::string_view title = section.name;
                if (title.starts_with("server:") && text::trim(title.substr(7)) == name) return &section;
            }
        }
        return document_.find("server");
    }

    /// Only settings count here: the other keys are the application's.
    void read_defaults(const IniSection& defaults, const IniSection* server) {
        for (const IniEntry* entry : effective_entries(defaults)) {
            if (find_setting(entry->key) == nullptr) continue;
            warn_of_duplicates(defaults, *entry);
            if (server == nullptr || server->find(entry->key) == nullptr) assign_entry(entry->key, *entry);
        }
    }

    void read_server(const IniSection& server) {
        for (const IniEntry* entry : effective_entries(server)) {
            warn_of_duplicates(server, *entry);
            if (entry->key == "use") {
                check_use(*entry);
            } else if (entry->key.starts_with("set ")) {  // PasteDeploy: a value for [DEFAULT]
                assign_if_setting(text::trim(std::string_view(entry->key).substr(4)), *entry);
            } else if (entry->key.starts_with("get ")) {  // PasteDeploy: a value from [DEFAULT]
                IniEntry copied = *entry;
                copied.value = "%(" + entry->value + ")s";
                assign_if_setting(text::trim(std::string_view(entry->key).substr(4)), copied);
            } else if (entry->key != "host" && entry->key != "port") {
                assign_if_setting(entry->key, *entry);
            }
        }
        read_host_and_port(server);
    }

    /// Gunicorn: pasterapp.serve, which ignores a port alone. Here it goes to the host that Gunicorn listens on by default.
    void read_host_and_port(const IniSection& server) {
        const IniEntry* host_entry = server.find("host");
        const IniEntry* port_entry = server.find("port");
        const std::string host = host_entry == nullptr ? std::string() : value_of("host", *host_entry).value_or("");
        const std::string port = port_entry == nullptr ? std::string() : value_of("port", *port_entry).value_or("");
        if (host.empty() && port.empty()) return;

        const IniEntry& winner = host.empty() ? *port_entry : *host_entry;
        const IniEntry* bind = server.find("bind");
        if (bind != nullptr && host.empty())
            return warn(DiagId::replaced_in_paste, "port", origin(winner), "has no effect beside bind");
        if (bind != nullptr) {
            warn(DiagId::replaced_in_paste, "bind", origin(*bind),
                 "is replaced by the host and port of line " + std::to_string(winner.key_span.line));
        }
        if (port.empty()) return assign("bind", comma_separated(host), origin(winner));
        const bool is_bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
        const std::string name = host.empty() ? "127.0.0.1" : is_bare_v6 ? "[" + host + "]" : host;
        assign("bind", List{name + ":" + port}, origin(winner));
    }

    void check_use(const IniEntry& entry) {
        const auto use = value_of("use", entry);
        if (!use || *use == "egg:gunicorn" || use->starts_with("egg:gunicorn#")) return;
        warn(DiagId::unknown_class, "use", origin(entry),
             "names another server, " + excerpt(*use) + "; its section is read as Gunicorn's");
    }

    void assign_if_setting(std::string_view name, const IniEntry& entry) {
        if (find_setting(name) != nullptr) return assign_entry(name, entry);
        Explanation unknown = explain_unknown(name, Where::elsewhere);
        warn(unknown.id, std::string(name), at_key(entry), std::move(unknown.message), std::move(unknown.help));
    }

    void assign_entry(std::string_view name, const IniEntry& entry) {
        const auto value = value_of(name, entry);
        if (!value) return;
        assign(name, name == "bind" ? RawValue(comma_separated(*value)) : RawValue(*value), origin(entry));
    }

    static List comma_separated(std::string_view value) {
        List items;
        for (const std::string_view item : text::split(value, ',')) {
            if (!text::trim(item).empty()) items.emplace_back(text::trim(item));
        }
        return items;
    }

    /// Nothing, and a diagnostic, when it cannot be interpolated.
    std::optional<std::string> value_of(std::string_view name, const IniEntry& entry) {
        auto value = names_.interpolate(entry.value);
        if (value) return *std::move(value);
        reading_.diagnostics.push_back({DiagId::bad_syntax, std::string(name), origin(entry), value.error()});
        return std::nullopt;
    }

    void warn_of_duplicates(const IniSection& section, const IniEntry& last) {
        for (const std::size_t place : section.places.find(last.key)->second) {
            const IniEntry& entry = section.entries[place];
            if (&entry == &last) continue;
            warn(DiagId::defined_twice, last.key, at_key(last),
                 "replaces what line " + std::to_string(entry.key_span.line) + " says");
        }
    }

    void warn(DiagId id, std::string setting, Origin origin, std::string message, std::string help = {}) {
        reading_.diagnostics.push_back(
            {id, std::move(setting), std::move(origin), std::move(message), Severity::warning, std::move(help)});
    }

    void assign(std::string_view name, RawValue value, Origin origin) {
        reading_.assignments.push_back({std::string(name), std::move(value), std::move(origin)});
    }

    Origin whole_file() const { return Origin{.kind = SourceKind::paste, .name = spec_.written}; }
    /// For what is said about the key and not about its value.
    Origin at_key(const IniEntry& entry) const {
        Origin place = origin(entry);
        place.value = {};
        return place;
    }
    Origin origin(const IniEntry& entry) const {
        return Origin{.kind = SourceKind::paste,
                      .name = spec_.written,
                      .line = entry.key_span.line,
                      .column = entry.key_span.column,
                      .end_column = entry.key_span.end_column,
                      .value = entry.value_span};
    }

    const IniDocument& document_;
    const PasteSpec& spec_;
    Names names_;
    SourceReading reading_;
};

}  // namespace

SourceReading read_paste_server(const IniDocument& document, const PasteSpec& spec,
                                const PasteSource::GlobalConf& global_conf) {
    return ServerReader(document, spec, global_conf).run();
}

}  // namespace gunicorn::config
