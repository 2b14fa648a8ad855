#include "http/request_semantics.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "http/authority.h"
#include "http/characters.h"

namespace gunicorn::http {
namespace {

using text::equal_ignoring_case;

// RFC 9110 5.6.1: the members of a comma-separated list, without the white space around them. Empty ones are members.
template <class Visit>
Result<void, ParseError> for_each_member(std::string_view list, Visit visit) {
    for (;;) {
        const std::size_t comma = std::min(list.find(','), list.size());
        GN_CHECK(visit(trim_blanks(list.substr(0, comma))));
        if (comma == list.size()) return {};
        list.remove_prefix(comma + 1);
    }
}

// All Transfer-Encoding fields are one list (RFC 9112 6.1).
struct TransferEncoding {
    bool is_present = false;
    bool is_chunked = false;
    bool is_compressed = false;

    Result<void, ParseError> add(std::string_view value) noexcept {
        is_present = true;
        return for_each_member(value, [this](std::string_view coding) { return add_coding(coding); });
    }

    // "chunked" comes once and last. What comes before it is not undone: the end of "gzip, chunked" is clear, and the
    // application reads in HTTP_TRANSFER_ENCODING what it got. "identity" says nothing. Both as in Gunicorn.
    Result<void, ParseError> add_coding(std::string_view coding) noexcept {
        if (is_chunked || !is_token(coding)) return Unexpected{ParseError::bad_transfer_encoding};
        if (equal_ignoring_case(coding, "chunked")) {
            is_chunked = true;
        } else if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "deflate") ||
                   equal_ignoring_case(coding, "compress")) {
            is_compressed = true;
        } else if (!equal_ignoring_case(coding, "identity")) {
            return Unexpected{ParseError::unsupported_transfer_coding};
        }
        return {};
    }
};

// All Connection fields are one list (RFC 9110 7.6.1). Options that we do not know concern nobody.
struct ConnectionOptions {
    bool close = false;
    bool keep_alive = false;
    bool upgrade = false;

    Result<void, ParseError> add(std::string_view value) noexcept {
        return for_each_member(value, [this](std::string_view option) -> Result<void, ParseError> {
            close = close || equal_ignoring_case(option, "close");
            keep_alive = keep_alive || equal_ignoring_case(option, "keep-alive");
            upgrade = upgrade || equal_ignoring_case(option, "upgrade");
            return {};
        });
    }
};

}  // namespace

Result<RequestSemantics, ParseError> judge_fields(const FieldList& fields, Version version) noexcept {
    RequestSemantics semantics;
    TransferEncoding encoding;
    ConnectionOptions connection;
    bool has_host = false;
    bool has_type = false;
    bool has_length = false;
    bool has_upgrade = false;

    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto [name, value] = fields[i];
        switch (name.size()) {  // names of another length are none of ours
            case 4:
                if (!equal_ignoring_case(name, "host")) break;
                // RFC 9112 3.2: more than one Host, or one that is none, MUST be a 400. Gunicorn accepts that there is none.
                if (has_host) return Unexpected{ParseError::duplicate_field};
                if (!split_authority(value).is_valid) return Unexpected{ParseError::bad_host};
                has_host = true;
                break;
            case 6:
                if (!equal_ignoring_case(name, "expect")) break;
                if (!equal_ignoring_case(value, "100-continue")) return Unexpected{ParseError::expectation_failed};
                semantics.expects_continue = version >= kHttp11;  // RFC 9110 10.1.1: ignored in 1.0
                break;
            case 7: has_upgrade = has_upgrade || equal_ignoring_case(name, "upgrade"); break;
            case 10:
                if (equal_ignoring_case(name, "connection")) GN_CHECK(connection.add(value));
                break;
            case 12:
                if (!equal_ignoring_case(name, "content-type")) break;
                if (has_type) return Unexpected{ParseError::duplicate_field};
                has_type = true;
                break;
            case 14: {
                if (!equal_ignoring_case(name, "content-length")) break;
                // RFC 9112 6.3 would let equal ones pass; a peer that sends two is not one to trust.
                if (has_length) return Unexpected{ParseError::duplicate_field};
                const std::optional<std::uint64_t> length = text::parse_decimal(value);
                if (!length) return Unexpected{ParseError::bad_content_length};
                semantics.content_length = *length;
                has_length = true;
                break;
            }
            case 17:
                if (equal_ignoring_case(name, "transfer-encoding")) GN_CHECK(encoding.add(value));
                break;
            default: break;
        }
    }

    // RFC 9112 6.1: 1.0 knows no Transfer-Encoding, so that some peer on the way may not have seen the end where we would.
    if (encoding.is_present && version < kHttp11) return Unexpected{ParseError::transfer_encoding_in_old_version};
    if (encoding.is_present) {
        if (has_length) return Unexpected{ParseError::transfer_encoding_with_length};
        // RFC 9112 6.3: without "chunked" at its end nobody knows how long the body is.
        if (!encoding.is_chunked) return Unexpected{ParseError::unsupported_transfer_coding};
        semantics.framing = Framing::chunked;
    } else if (has_length) {
        semantics.framing = Framing::length;
    }
    semantics.wants_keep_alive =
        !connection.close && !encoding.is_compressed && (connection.keep_alive || version >= kHttp11);
    semantics.wants_upgrade = connection.upgrade && has_upgrade && version >= kHttp11;
    return semantics;
}

}  // namespace gunicorn::http
