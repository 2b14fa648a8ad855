#include "config/report/source_texts.h"

#include <utility>

namespace gunicorn::config {

void SourceTexts::add(std::string name, std::string text) {
    secrets_.erase(name);
    Text added{std::move(text), {0}};
    for (std::size_t end = 0; (end = added.bytes.find('\n', end)) != std::string::npos;) added.lines.push_back(++end);
    texts_.insert_or_assign(std::move(name), std::move(added));
}

std::string_view SourceTexts::text(std::string_view source) const {
    const auto found = texts_.find(source);
    return found == texts_.end() ? std::string_view() : found->second.bytes;
}

std::string_view SourceTexts::line(std::string_view source, int number) const {
    const auto found = texts_.find(source);
    if (found == texts_.end() || number < 1) return {};
    const auto& [bytes, lines] = found->second;
    const auto index = static_cast<std::size_t>(number) - 1;
    if (index >= lines.size()) return {};
    std::string_view line = std::string_view(bytes).substr(lines[index]);
    line = line.substr(0, line.find('\n'));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

const std::vector<Piece>& SourceTexts::secrets(std::string_view source) const {
    auto found = secrets_.find(source);
    if (found == secrets_.end()) found = secrets_.emplace(source, secret_spans(text(source))).first;
    return found->second;
}

}  // namespace gunicorn::config
