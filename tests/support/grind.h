#pragma once
// grind(): the same bytes under every segmentation. No parser test feeds a message in one piece only.

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::test {

/// One message as it may come from a socket. Each piece has a buffer of its own, exactly as long as it is, so that
/// AddressSanitizer sees who reads past its end or keeps a view into it.
class Pieces {
public:
    void add(std::string_view piece) { buffers_.emplace_back(piece.begin(), piece.end()); }
    [[nodiscard]] std::size_t size() const { return buffers_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return {buffers_[i].data(), buffers_[i].size()}; }

private:
    std::vector<std::vector<char>> buffers_;
};

/// Calls check(const Pieces&) with the bytes in one piece, byte by byte, and in two pieces cut at every place. A failing
/// check tells how the bytes were cut.
template <class Check>
void grind(std::string_view bytes, Check check) {
    {
        INFO("in one piece");
        Pieces pieces;
        pieces.add(bytes);
        check(pieces);
    }
    {
        INFO("byte by byte");
        Pieces pieces;
        for (std::size_t i = 0; i < bytes.size(); ++i) pieces.add(bytes.substr(i, 1));
        check(pieces);
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        INFO("cut behind byte " << cut);
        Pieces pieces;
        pieces.add(bytes.substr(0, cut));
        pieces.add(bytes.substr(cut));
        check(pieces);
    }
}

}  // namespace gunicorn::test
