#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/field_list.h"

namespace gunicorn::http {

/// Why what an application said cannot be sent. Nothing of it was sent: the answer is a 500.
enum class ResponseError {
    bad_status,           ///< not three digits, SP, reason; or a control byte in it
    interim_status,       ///< 1xx, which never is the answer; but for 101
    bad_field_name,       ///< not a token
    bad_field_value,      ///< a control byte in it (RFC 9110 5.5)
    bad_content_length,   ///< not 1*DIGIT, or too large
    two_content_lengths,  ///< that differ
};
[[nodiscard]] std::string_view text_of(ResponseError error) noexcept;

/// Status and fields of a response as the application gave them, checked. A value that owns its bytes; views are lent until
/// it is changed, moved or cleared. After an error the head is as it was before the call.
class ResponseHead {
public:
    /// RFC 9112 4: "200 OK". A missing reason is accepted ("200"), as Gunicorn does. Replaces the status.
    Result<void, ResponseError> set_status(std::string_view status_line);

    /// Hop-by-hop fields (PEP 3333), Server and Date are the server's own and are dropped. "Connection: upgrade" is
    /// remembered and "Upgrade: websocket" kept, as Gunicorn does. White space around the value is removed.
    Result<void, ResponseError> add(std::string_view name, std::string_view value);

    [[nodiscard]] int status_code() const noexcept { return status_code_; }  ///< 0 before set_status()
    [[nodiscard]] std::string_view status_line() const noexcept { return status_line_; }
    [[nodiscard]] const FieldList& fields() const noexcept { return fields_; }
    /// The first value of the field by that name, which is given in lower case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view lower_name) const noexcept {
        return fields_.find(lower_name);
    }
    /// What the application declared.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
    [[nodiscard]] bool is_upgrade() const noexcept { return is_upgrade_; }

    /// Appends the field lines, with or without the declared Content-Length.
    void write_fields(std::string& out) const { out += fields_.text(); }
    void write_fields_without_length(std::string& out) const;

    /// Keeps the memory.
    void clear() noexcept;

private:
    std::string status_line_;
    FieldList fields_;
    std::optional<std::uint64_t> content_length_;
    std::size_t content_length_index_ = 0;  // in fields_, when there is one
    int status_code_ = 0;
    bool is_upgrade_ = false;
};

}  // namespace gunicorn::http
