#include "http/field_list.h"

#include "base/text.h"

namespace gunicorn::http {
namespace {

constexpr std::size_t kKeptBytes = 16384;
constexpr std::size_t kKeptEntries = 128;

}  // namespace

std::optional<std::string_view> FieldList::find(std::string_view lower_name) const noexcept {
    for (const Entry& entry : entries_) {
        if (entry.name.size == lower_name.size() && text::equal_ignoring_case(entry.name.in(text_), lower_name)) {
            return entry.value.in(text_);
        }
    }
    return std::nullopt;
}

void FieldList::clear() noexcept {
    text_.clear();
    entries_.clear();
    if (text_.capacity() > kKeptBytes) std::string().swap(text_);  // assigning an empty one may keep the room
    if (entries_.capacity() > kKeptEntries) entries_ = std::vector<Entry>();
}

void FieldList::append(std::string_view name, std::string_view value) {
    const Span name_span{text_.size(), name.size()};
    text_ += name;
    text_ += ": ";
    const Span value_span{text_.size(), value.size()};
    text_ += value;
    text_ += "\r\n";
    entries_.push_back({name_span, value_span});
}

}  // namespace gunicorn::http
