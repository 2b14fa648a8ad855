#include "config/source_texts.h"

namespace gunicorn::config {

void SourceTexts::add(std::string name, std::string text) {
    secrets_.erase(name);
    texts_.insert_or_assign(std::move(name), std::move(text));
}

std::string_view SourceTexts::text(std::string_view source) const {
    const auto found = texts_.find(source);
    return found == texts_.end() ? std::string_view() : found->second;
}

std::string_view SourceTexts::line(std::string_view source, int number) const {
    std::string_view rest = text(source);
    if (number < 1) return {};
    for (int skipped = 1; skipped < number; ++skipped) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return {};
        rest.remove_prefix(end + 1);
    }
    rest = rest.substr(0, rest.find('\n'));
    return rest.ends_with('\r') ? rest.substr(0, rest.size() - 1) : rest;
}

const std::vector<Piece>& SourceTexts::secrets(std::string_view source) const {
    auto found = secrets_.find(source);
    if (found == secrets_.end()) found = secrets_.emplace(source, secret_spans(text(source))).first;
    return found->second;
}

}  // namespace gunicorn::config
