#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/field_list.h"

namespace gunicorn::http {

struct Version {
    std::uint8_t major = 1;
    std::uint8_t minor = 1;
    auto operator<=>(const Version&) const = default;
};
inline constexpr Version kHttp10{1, 0};
inline constexpr Version kHttp11{1, 1};

/// RFC 9112 6.3: how long the body of a request is.
enum class Framing : std::uint8_t {
    none,     ///< no body
    length,   ///< Content-Length
    chunked,  ///< Transfer-Encoding: chunked
};

/// A request head that passed every check of HeadParser. A value that owns its bytes; every view is lent until the head is
/// changed, moved or cleared. clear() keeps the memory, so that a connection which reuses its head allocates nothing.
class RequestHead {
public:
    [[nodiscard]] std::string_view method() const noexcept { return view(method_); }
    /// The request-target as it was sent (RAW_URI).
    [[nodiscard]] std::string_view target() const noexcept { return view(target_); }
    /// Still percent-encoded. "*" for asterisk-form, empty for authority-form (CONNECT), "/" for an absolute-form without
    /// one.
    [[nodiscard]] std::string_view path() const noexcept { return view(path_); }
    /// Without its "?"; empty when there is none.
    [[nodiscard]] std::string_view query() const noexcept { return view(query_); }
    /// Without its "#". No client should send one; Gunicorn accepts it.
    [[nodiscard]] std::string_view fragment() const noexcept { return view(fragment_); }
    [[nodiscard]] Version version() const noexcept { return version_; }
    /// "HTTP/1.1" as it was sent (SERVER_PROTOCOL).
    [[nodiscard]] std::string_view protocol() const noexcept { return view(protocol_); }
    /// "GET /path HTTP/1.1", for logs; "" before the line is there. Holds no control bytes, unless it is what was refused.
    [[nodiscard]] std::string_view request_line() const noexcept { return view(request_line_); }

    [[nodiscard]] std::size_t field_count() const noexcept { return fields_.size(); }
    [[nodiscard]] FieldView field(std::size_t i) const noexcept { return fields_[i]; }
    /// The first value of the field by that name, which is given in lower case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view lower_name) const noexcept {
        return fields_.find(lower_name);
    }

    [[nodiscard]] Framing framing() const noexcept { return framing_; }
    /// Bytes of body; 0 unless framing is length.
    [[nodiscard]] std::uint64_t content_length() const noexcept { return content_length_; }
    /// RFC 9110 10.1.1: "Expect: 100-continue" was sent by a client of HTTP/1.1 or later.
    [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }
    /// RFC 9112 9.3: all Connection fields are one list; "close" wins, 1.1 stays open and 1.0 closes by default.
    [[nodiscard]] bool wants_keep_alive() const noexcept { return wants_keep_alive_; }
    /// RFC 9110 7.8: an Upgrade field that Connection lists, in HTTP/1.1 or later.
    [[nodiscard]] bool wants_upgrade() const noexcept { return wants_upgrade_; }
    [[nodiscard]] bool is_head() const noexcept { return method() == "HEAD"; }

    void clear() noexcept;

private:
    friend class HeadParser;

    [[nodiscard]] std::string_view view(Span span) const noexcept { return span.in(fields_.text()); }

    FieldList fields_;  // its arena also holds the request line
    Span request_line_;
    Span method_;
    Span target_;
    Span path_;
    Span query_;
    Span fragment_;
    Span protocol_;
    std::uint64_t content_length_ = 0;
    Version version_;
    Framing framing_ = Framing::none;
    bool expects_continue_ = false;
    bool wants_keep_alive_ = false;
    bool wants_upgrade_ = false;
};

}  // namespace gunicorn::http
