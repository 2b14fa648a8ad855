#include "config/rule_functions.h"

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"
#include "config/report/secrets.h"
#include "config/tls_version.h"

namespace gunicorn::config::rule_functions {
namespace {

/// The host of HOST, HOST:PORT or [V6]:PORT; nothing when there is more than one way to read it.
std::optional<std::string> host_of(std::string_view address) {
    if (address.starts_with("tcp://")) address.remove_prefix(6);
    if (address.find('/') != std::string_view::npos) return std::nullopt;
    if (address.starts_with('[')) {
        const std::size_t end = address.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        return text::to_lower(address.substr(1, end - 1));
    }
    const auto parts = text::split(address, ':');
    if (parts.size() > 2) return std::nullopt;
    return text::to_lower(parts.front());
}

bool is_loopback(const std::string& host) {
    if (host == "localhost") return true;
    const auto address = IpAddress::parse(host);
    return address && (IpNetwork::parse("127.0.0.0/8")->contains(*address) || address == IpAddress::parse("::1"));
}

bool is_public(std::string_view address) {
    if (address.starts_with("unix:") || address.starts_with("fd://")) return false;
    const std::optional<std::string> host = host_of(address);
    return host && !is_loopback(*host);  // no host at all is every interface
}

/// RFC 9110 5.1: a token.
bool is_header_name(std::string_view name) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        const char small = text::lower(c);
        return text::is_digit(c) || (small >= 'a' && small <= 'z') || kOthers.find(c) != std::string_view::npos;
    });
}

}  // namespace

bool is_set(const Settings& settings, SettingId id) noexcept { return settings.origin(id).kind != SourceKind::defaults; }

bool is_given(const RawValue& value) {
    if (const auto* words = value.get_if<std::string>()) return !words->empty();
    if (const List* items = value.get_if<List>()) return !items->empty();
    if (const Dict* entries = value.get_if<Dict>()) return !entries->empty();
    return !value.is_none();
}

bool contains(const std::vector<std::string>& list, std::string_view text) noexcept {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool binds_publicly(const std::vector<std::string>& bind) { return std::any_of(bind.begin(), bind.end(), is_public); }

bool has_useless_scheme_header(const RawValue& headers) {
    const Dict* entries = headers.get_if<Dict>();
    if (entries == nullptr) return false;
    return std::any_of(entries->begin(), entries->end(), [](const auto& entry) {
        const auto& [name, value] = entry;
        return text::to_upper(name).starts_with("HTTP_") || !is_header_name(name) ||
               value.template get_if<std::string>() == nullptr;
    });
}

bool names_old_tls(const RawValue& ssl_version) { return tls_version_of(ssl_version) == TlsVersion::too_old; }
bool names_no_tls(const RawValue& ssl_version) { return tls_version_of(ssl_version) == TlsVersion::unknown; }
bool offers_only_tls_1_3(const RawValue& ssl_version) { return tls_version_of(ssl_version) == TlsVersion::only_1_3; }

std::string shown(const Settings& settings, SettingId id) {
    const Declaration& setting = declaration(id);
    return excerpt(redact(setting, setting.get(settings)));
}

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts) whole += part;
    return whole;
}

}  // namespace gunicorn::config::rule_functions
