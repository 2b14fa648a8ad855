#include "http/header_rules.h"

#include <algorithm>

#include "base/text.h"
#include "http/characters.h"

namespace gunicorn::http {

Result<Forward, ParseError> may_forward(std::string_view name, const HeaderPolicy& policy, PeerTrust trust) noexcept {
    // httpoxy (CVE-2016-5385): HTTP_PROXY would pass for the environment variable that names a proxy.
    if (name.size() == 5 && text::equal_ignoring_case(name, "proxy")) return Forward::drop;
    if (name.find('_') == std::string_view::npos) return Forward::keep;
    if (trust == PeerTrust::trusted) {
        for (const std::string& allowed : policy.forwarder_headers) {
            if (allowed == "*" || text::equal_ignoring_case(name, allowed)) return Forward::keep;
        }
    }
    switch (policy.header_map) {
        case HeaderMap::dangerous: return Forward::keep;
        case HeaderMap::refuse: return Unexpected{ParseError::underscore_in_field_name};
        case HeaderMap::drop: break;
    }
    return Forward::drop;
}

Result<std::optional<Scheme>, ParseError> declared_scheme(const RequestHead& head, const HeaderPolicy& policy,
                                                          PeerTrust trust) noexcept {
    std::optional<Scheme> declared;
    if (trust == PeerTrust::untrusted) return declared;
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        const auto [name, value] = head.field(i);
        for (const SchemeHeader& header : policy.secure_scheme_headers) {
            if (!text::equal_ignoring_case(name, header.name)) continue;
            const Scheme scheme = value == header.value ? Scheme::https : Scheme::http;
            if (declared && *declared != scheme) return Unexpected{ParseError::scheme_conflict};
            declared = scheme;
        }
    }
    return declared;
}

std::string_view script_name_of(const RequestHead& head, const HeaderPolicy& policy, PeerTrust trust,
                                std::string_view configured) noexcept {
    std::string_view script_name = configured;
    if (trust == PeerTrust::trusted) {
        for (std::size_t i = 0; i < head.field_count(); ++i) {
            const auto [name, value] = head.field(i);
            if (!text::equal_ignoring_case(name, "SCRIPT_NAME")) continue;
            const auto decision = may_forward(name, policy, trust);
            if (decision && *decision == Forward::keep) script_name = value;
        }
    }
    while (script_name.ends_with('/')) script_name.remove_suffix(1);
    return script_name;
}

bool is_below(std::string_view path, std::string_view script_name) noexcept {
    if (!path.starts_with(script_name)) return false;
    return script_name.empty() || path.size() == script_name.size() || path[script_name.size()] == '/';
}

void percent_decode(std::string_view encoded, std::string& out) {
    for (;;) {
        const std::size_t percent = encoded.find('%');
        out.append(encoded.substr(0, percent));
        if (percent == std::string_view::npos) return;
        encoded.remove_prefix(percent);
        const int high = encoded.size() > 2 ? hex_digit(encoded[1]) : -1;
        const int low = encoded.size() > 2 ? hex_digit(encoded[2]) : -1;
        if (high < 0 || low < 0) {
            out += '%';
            encoded.remove_prefix(1);
        } else {
            out += static_cast<char>(high * 16 + low);
            encoded.remove_prefix(3);
        }
    }
}

void append_cgi_name(std::string_view field_name, std::string& out) {
    if (!text::equal_ignoring_case(field_name, "content-type") && !text::equal_ignoring_case(field_name, "content-length")) {
        out += "HTTP_";
    }
    for (const char c : field_name) out += c == '-' ? '_' : text::upper(c);
}

}  // namespace gunicorn::http
