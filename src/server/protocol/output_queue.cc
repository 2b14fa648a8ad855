#include "server/protocol/output_queue.h"

#include <sys/uio.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kCopyLimit = 4096;          // pieces up to here go behind the head, larger ones are sent in place
constexpr std::size_t kKeptMemory = 64U << 10U;   // of bytes_, between answers
constexpr std::uint64_t kMostOfFile = 1U << 30U;  // in one call

/// A connection may stay for long after a large answer: the room is given back.
void forget(std::string& bytes) noexcept {
    bytes.clear();
    if (bytes.capacity() > kKeptMemory) std::string().swap(bytes);
}

/// Moves bytes, so that both strings keep memory for the next ones.
void move_behind(std::string& bytes, std::string& more) {
    if (bytes.empty()) {
        bytes.swap(more);
    } else {
        bytes.append(more);
    }
    forget(more);
}

iovec part_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace

void FramedOutput::append(FramedOutput& more) {
    if (more.size() == 0) return;
    GN_DEBUG_ASSERT(piece.empty() && !file, "what is lent is sent before more is framed");
    move_behind(bytes, more.bytes);
    piece = more.piece;
    file = std::move(more.file);
    suffix.swap(more.suffix);
    has_head |= more.has_head;
    more.clear();
}

void FramedOutput::clear() noexcept {
    forget(bytes);
    piece = {};
    file.reset();
    suffix.clear();
    has_head = false;
}

void OutputQueue::put(std::string_view piece, std::string_view suffix) {
    GN_DEBUG_ASSERT(piece_.empty() && !file_, "one piece is sent before the next is put");
    if (piece.size() <= kCopyLimit) {
        bytes_.append(piece);
        bytes_.append(suffix);
    } else {
        piece_ = piece;
        suffix_ = suffix;
    }
}

void OutputQueue::put(OutgoingFile file, std::string_view suffix) {
    suffix_ = suffix;
    if (file.size > 0) file_ = std::move(file);
}

void OutputQueue::put_framed(FramedOutput& output) {
    if (output.size() == 0) return;
    GN_DEBUG_ASSERT(piece_.empty() && !file_, "what is lent is sent before more is framed");
    move_behind(bytes_, output.bytes);
    if (output.file) file_ = std::move(output.file);
    piece_ = output.piece;
    suffix_.swap(output.suffix);
    output.clear();
}

void OutputQueue::append(std::string_view bytes) { (piece_.empty() && !file_ ? bytes_ : suffix_).append(bytes); }

void OutputQueue::keep_piece() {
    bytes_.append(piece_);
    bytes_.append(suffix_);
    piece_ = {};
    suffix_.clear();
}

IoStatus OutputQueue::send_some(Stream& stream) {
    if (is_file_next()) {
        const auto most = static_cast<std::size_t>(std::min(file_->size, kMostOfFile));
        const IoResult sent = stream.send_file(file_->fd, file_->offset, most);
        if (sent.status != IoStatus::ok) return sent.status;
        file_->offset += sent.count;
        file_->size -= sent.count;
        if (file_->size == 0) file_.reset();
        return IoStatus::ok;
    }
    iovec parts[3];
    std::size_t count = 0;
    if (sent_ < bytes_.size()) parts[count++] = part_of(std::string_view(bytes_).substr(sent_));
    if (!piece_.empty()) parts[count++] = part_of(piece_);
    if (!file_ && !suffix_.empty()) parts[count++] = part_of(suffix_);
    const IoResult sent = stream.write_some({parts, count});
    if (sent.status != IoStatus::ok) return sent.status;
    std::size_t left = sent.count;
    const std::size_t from_bytes = std::min(left, bytes_.size() - sent_);
    sent_ += from_bytes;
    left -= from_bytes;
    const std::size_t from_piece = std::min(left, piece_.size());
    piece_.remove_prefix(from_piece);
    left -= from_piece;
    if (left > 0) suffix_.erase(0, left);
    return IoStatus::ok;
}

std::uint64_t OutputQueue::give_up() noexcept {
    const std::uint64_t lost = piece_.size() + (file_ ? file_->size : 0);
    clear();
    piece_ = {};
    file_.reset();
    suffix_.clear();
    return lost;
}

void OutputQueue::clear() noexcept {
    forget(bytes_);
    sent_ = 0;
}

}  // namespace gunicorn::server
