#pragma once
// How validators say no; not for anybody else.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/validation.h"

namespace gunicorn::config {

/// The value for a message; of a secret one its type.
inline std::string told(const RawValue& value, const ValidationContext& context) {
    return context.is_secret ? "a value of type " + type_name(value, context.objects) : excerpt(value, context.objects);
}

/// "<rule>, not <value>"
inline Unexpected<ValueError> refuse(DiagId id, const std::string& rule, const RawValue& raw,
                                     const ValidationContext& context, std::string help = {}) {
    return Unexpected{ValueError{id, rule + ", not " + told(raw, context), std::move(help)}};
}

/// "did you mean 'info'?", or nothing when no candidate is near.
inline std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > 100) return {};
    const auto near = text::near_matches(word, {candidates.begin(), candidates.end()});
    std::string out;
    for (const std::string_view candidate : near) {
        out += out.empty() ? "did you mean " : " or ";
        out += text::repr(candidate);
    }
    return out.empty() ? out : out + "?";
}

/// "'a', 'b' or 'c'"
inline std::string enumerate(std::span<const std::string_view> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += text::repr(words[i]);
    }
    return out;
}

}  // namespace gunicorn::config
