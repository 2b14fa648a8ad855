#pragma once
// What of a request may reach the application, and under which name.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/parse_error.h"
#include "http/request_head.h"

namespace gunicorn::http {

/// What becomes of a field whose name has a "_": in the environ it would be mistaken for the one with a "-".
enum class HeaderMap : std::uint8_t { drop, refuse, dangerous };

/// Whether the peer is one of forwarded_allow_ips (or came by a unix socket).
enum class PeerTrust : std::uint8_t { untrusted, trusted };

enum class Scheme : std::uint8_t { http, https };

struct SchemeHeader {
    std::string name;   ///< upper case, with "-": X-FORWARDED-PROTO
    std::string value;  ///< the value, exactly, that means https
};

struct HeaderPolicy {
    HeaderMap header_map = HeaderMap::drop;
    /// Upper-case names that a trusted peer may send with their "_"; "*" stands for all.
    std::vector<std::string> forwarder_headers = {"SCRIPT_NAME", "PATH_INFO"};
    std::vector<SchemeHeader> secure_scheme_headers = {
        {"X-FORWARDED-PROTOCOL", "ssl"}, {"X-FORWARDED-PROTO", "https"}, {"X-FORWARDED-SSL", "on"}};
};

enum class Forward : std::uint8_t { keep, drop };

/// Whether the application sees a field by this name; never Proxy, whoever sends it. Error:
/// underscore_in_field_name, with header_map `refuse`.
Result<Forward, ParseError> may_forward(std::string_view name, const HeaderPolicy& policy, PeerTrust trust) noexcept;

/// The scheme that a trusted peer declared; nothing when it did not, or is not trusted: then the connection tells (TLS or
/// not). A listed field with another value than the listed one means http. Error: scheme_conflict, when two disagree.
Result<std::optional<Scheme>, ParseError> declared_scheme(const RequestHead& head, const HeaderPolicy& policy,
                                                          PeerTrust trust) noexcept;

/// Where the application is mounted (SCRIPT_NAME): what the last such field of a peer that may send it says, else
/// `configured`. Without the "/" at its end. Gunicorn: http.wsgi.create.
std::string_view script_name_of(const RequestHead& head, const HeaderPolicy& policy, PeerTrust trust,
                                std::string_view configured) noexcept;

/// Whether a path lies below a mount point: it begins with it, and ends there or goes on with "/".
bool is_below(std::string_view path, std::string_view script_name) noexcept;

/// Appends the bytes that `encoded` stands for (PATH_INFO). A "%" without two HEXDIG stays, as urllib.parse.unquote leaves
/// it.
void percent_decode(std::string_view encoded, std::string& out);

/// Appends the key of the environ: "HTTP_ACCEPT_ENCODING"; "CONTENT_TYPE" and "CONTENT_LENGTH" have no prefix (RFC
/// 3875 4.1).
void append_cgi_name(std::string_view field_name, std::string& out);

}  // namespace gunicorn::http
