#include "config/report/diagnostic_documents.h"

#include <nlohmann/json.hpp>
#include <set>

#include "config/report/origin_documents.h"
#include "config/report/secrets.h"
#include "config/report/shown_source.h"

namespace gunicorn::config {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string shown(std::string_view text, Secrets secrets) {
    return secrets == Secrets::hidden ? redact_text(text) : std::string(text);
}

bool is_file(const Origin& origin) {
    switch (origin.kind) {
        case SourceKind::config_file:
        case SourceKind::paste:
        case SourceKind::runtime:
        case SourceKind::environment_file:
        case SourceKind::application: return true;
        default: return false;
    }
}

/// A workflow command ends at its line; properties end at , and : too.
std::string escaped(std::string_view text, std::string_view also) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n' || also.find(c) != std::string_view::npos) {
            static constexpr std::string_view kDigits = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        } else {
            out += static_cast<unsigned char>(c) < 0x20U ? '?' : c;
        }
    }
    return out;
}

std::string sentence(const Diagnostic& one) {
    std::string text = one.setting.empty() ? one.message : one.setting + ": " + one.message;
    if (!one.help.empty()) text += "; " + one.help;
    return text;
}

}  // namespace

std::string json_report(const Diagnostics& diagnostics, const SourceTexts& texts, const ReportStyle& style) {
    const Secrets secrets = style.secrets;
    Json list = Json::array();
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const Diagnostic& one : diagnostics) {
        errors += one.severity == Severity::error ? 1 : 0;
        warnings += one.severity == Severity::warning ? 1 : 0;
        const DiagKind& kind = kind_of(one.id);
        Json entry{{"severity", name_of(one.severity)}, {"code", kind.code}, {"name", kind.name}};
        if (!one.setting.empty()) entry["setting"] = one.setting;
        entry["message"] = shown(one.message, secrets);
        if (!one.help.empty()) entry["help"] = shown(one.help, secrets);
        entry["origin"] = origin_json(one.origin);
        if (std::string line = shown_source(one, texts, secrets); !line.empty()) entry["source"] = std::move(line);
        if (!one.notes.empty()) {
            entry["notes"] = Json::array();
            for (const Note& note : one.notes) {
                entry["notes"].push_back({{"message", shown(note.message, secrets)}, {"origin", origin_json(note.origin)}});
            }
        }
        list.push_back(std::move(entry));
    }
    return dumped({{"format_version", 1},
                   {"valid", errors == 0 && (style.strictness == Strictness::normal || warnings == 0)},
                   {"errors", errors},
                   {"warnings", warnings},
                   {"diagnostics", std::move(list)}});
}

std::string github_report(const Diagnostics& diagnostics, Secrets secrets) {
    std::string out;
    for (const Diagnostic& one : diagnostics) {
        out += one.severity == Severity::note ? "::notice " : "::" + std::string(name_of(one.severity)) + " ";
        const Span place = pointed_at(one.origin);
        if (is_file(one.origin)) {
            out += "file=" + escaped(one.origin.name, ",:");
            if (place.line > 0) out += ",line=" + std::to_string(place.line);
            if (place.line > 0 && place.column > 0) out += ",col=" + std::to_string(place.column);
            if (place.line > 0 && place.end_column > 0) out += ",endColumn=" + std::to_string(place.end_column);
            out += ",";
        }
        out += "title=" + std::string(kind_of(one.id).code);
        const std::string where = is_file(one.origin) ? std::string() : to_string(one.origin) + ": ";
        out += "::" + escaped(shown(where + sentence(one), secrets), "") + "\n";
    }
    return out;
}

std::string sarif_report(const Diagnostics& diagnostics, Secrets secrets) {
    Json results = Json::array();
    std::set<DiagId> used;
    for (const Diagnostic& one : diagnostics) {
        used.insert(one.id);
        Json result{{"ruleId", kind_of(one.id).code},
                    {"level", name_of(one.severity)},
                    {"message", {{"text", shown(sentence(one), secrets)}}}};
        if (is_file(one.origin)) {
            Json location{{"artifactLocation", {{"uri", one.origin.name}}}};
            const Span place = pointed_at(one.origin);
            if (place.line > 0) {
                location["region"] = {{"startLine", place.line}};
                if (place.column > 0) location["region"]["startColumn"] = place.column;
                if (place.end_column > place.column) location["region"]["endColumn"] = place.end_column;
            }
            result["locations"] = Json::array({{{"physicalLocation", std::move(location)}}});
        } else {
            result["locations"] = Json::array({{{"logicalLocations", Json::array({{{"name", to_string(one.origin)}}})}}});
        }
        results.push_back(std::move(result));
    }
    Json rules = Json::array();
    for (const DiagId id : used) {
        const DiagKind& kind = kind_of(id);
        rules.push_back({{"id", kind.code},
                         {"name", kind.name},
                         {"shortDescription", {{"text", kind.title}}},
                         {"fullDescription", {{"text", kind.title}}},
                         // SARIF 2.1.0, 3.49.13: the page itself, since there is no address where it could be read.
                         {"help", {{"text", kind.description}, {"markdown", kind.description}}}});
    }
    const Json driver{{"name", "gunicorn"}, {"version", GN_VERSION}, {"rules", std::move(rules)}};
    return dumped({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                   {"version", "2.1.0"},
                   {"runs", Json::array({{{"tool", {{"driver", driver}}}, {"results", std::move(results)}}})}});
}

}  // namespace gunicorn::config
