#pragma once
// Where the values of secret names stand in a Python source.

#include <cstddef>
#include <string_view>
#include <vector>

namespace gunicorn::config {

/// A piece of a text: offsets, the end behind it.
struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;

    bool operator==(const Piece&) const = default;
};

/// The values that are given to settings that the schema calls secret, and to secret names, in the order of the source: as an
/// assignment of any form, a keyword, an entry of a dictionary, or an argument of a method of the list. They go from behind the
/// sign to the end of the statement or argument, comments included; of a source that breaks off, to its end.
[[nodiscard]] std::vector<Piece> secret_spans(std::string_view source);

}  // namespace gunicorn::config
