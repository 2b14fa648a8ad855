#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "server/net/stream.h"

namespace gunicorn::server {

/// A part of a file that is to be sent; the descriptor is lent, unless it is `owned`.
struct OutgoingFile {
    int fd = -1;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    UniqueFd owned = {};
};

/// A part of a response that another thread has framed: bytes, then a piece that is lent or a part of a file, then what frames
/// that.
struct FramedOutput {
    std::string bytes;
    std::string_view piece;
    std::optional<OutgoingFile> file;
    std::string suffix;
    bool has_head = false;  ///< of the response itself, not only of an interim one

    [[nodiscard]] std::size_t size() const noexcept {
        return bytes.size() + piece.size() + static_cast<std::size_t>(file ? file->size : 0) + suffix.size();
    }
    /// Takes over what `more` has, and leaves it empty. Nothing that is lent may wait here.
    void append(FramedOutput& more);
    /// Keeps memory for the next response, within bounds.
    void clear() noexcept;
};

/// What a connection still has to send, in its order: bytes of its own, then one piece that is lent or a part of a file, then
/// what frames that. Engine's thread, unless nothing waits.
class OutputQueue {
public:
    [[nodiscard]] bool is_empty() const noexcept {
        return sent_ == bytes_.size() && piece_.empty() && !file_ && suffix_.empty();
    }
    /// What goes first; whoever frames appends to it.
    [[nodiscard]] std::string& bytes() noexcept { return bytes_; }
    /// Of bytes(), those that were not sent.
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return bytes_.size() - sent_; }
    /// A file is what send_some() sends next.
    [[nodiscard]] bool is_file_next() const noexcept { return sent_ == bytes_.size() && piece_.empty() && file_; }

    /// No piece or file may wait. A small piece is copied; a larger one lives until it was sent, kept or given up.
    void put(std::string_view piece, std::string_view suffix);
    void put(OutgoingFile file, std::string_view suffix);
    /// Takes over what another thread has framed, and leaves it empty.
    void put_framed(FramedOutput& output);
    /// Behind everything.
    void append(std::string_view bytes);

    /// What is lent becomes bytes of its own.
    void keep_piece();
    /// Sends once, as much as there is room for. Something waits.
    IoStatus send_some(Stream& stream);
    /// Forgets what waits; the bytes of body that were lent or in a file.
    std::uint64_t give_up() noexcept;
    /// All was sent. A connection may stay for long after a large answer, and its session for ever: the room is given back.
    void clear() noexcept;

private:
    std::string bytes_;
    std::size_t sent_ = 0;  // of bytes_
    std::string_view piece_;
    std::optional<OutgoingFile> file_;
    std::string suffix_;
};

}  // namespace gunicorn::server
