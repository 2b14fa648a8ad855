#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::http {

/// Lent by the list it comes from: valid until that is changed, moved or cleared.
struct FieldView {
    std::string_view name;   ///< in its original case
    std::string_view value;  ///< without the white space around it
};

/// Where a piece of an arena lies. Offsets instead of pointers keep what holds them movable.
struct Span {
    std::size_t offset = 0;
    std::size_t size = 0;
    [[nodiscard]] std::size_t end() const noexcept { return offset + size; }
    [[nodiscard]] std::string_view in(std::string_view text) const noexcept { return text.substr(offset, size); }
};

/// Fields in the order in which they came, in one arena. A value: copies, moves. clear() keeps the memory for the next
/// message, but not that of an exceptionally large one.
class FieldList {
public:
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] FieldView operator[](std::size_t i) const noexcept {
        const Entry& entry = entries_[i];
        return {entry.name.in(text_), entry.value.in(text_)};
    }
    /// The first value by that name, which is given in lower case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view lower_name) const noexcept;

    void clear() noexcept;
    /// Judges nothing. The text becomes "name: value\r\n".
    void append(std::string_view name, std::string_view value);

    // For those that fill the arena themselves (the parsers) or send it as it is (the encoder).
    struct Entry {
        Span name;
        Span value;
    };
    [[nodiscard]] std::string& text() noexcept { return text_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::vector<Entry>& entries() noexcept { return entries_; }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

private:
    std::string text_;
    std::vector<Entry> entries_;
};

}  // namespace gunicorn::http
