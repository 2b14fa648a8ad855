#include "config/report/source_texts.h"

namespace gunicorn::config {

std::string_view SourceTexts::line(std::string_view source, int number) const {
    const auto found = texts_.find(source);
    if (found == texts_.end() || number < 1) return {};
    std::string_view rest = found->second;
    for (int skipped = 1; skipped < number; ++skipped) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return {};
        rest.remove_prefix(end + 1);
    }
    rest = rest.substr(0, rest.find('\n'));
    return rest.ends_with('\r') ? rest.substr(0, rest.size() - 1) : rest;
}

}  // namespace gunicorn::config
