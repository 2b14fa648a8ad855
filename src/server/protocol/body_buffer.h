#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/request_body.h"
#include "http/body_decoder.h"

namespace gunicorn::server {

/// Collects the body of a request: in memory up to kMemoryLimit, then in an unlinked file (tmp_upload_dir).
class BodyBuffer final : public gateway::RequestBody, public http::BodySink {
public:
    static constexpr std::size_t kMemoryLimit = 512U << 10U;

    /// `directory` is for the file; empty: $TMPDIR or /tmp.
    explicit BodyBuffer(std::string directory) : directory_(std::move(directory)) {}

    // http::BodySink. A failure is kept; see error().
    void append(std::string_view bytes) override;

    // gateway::RequestBody
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::string_view memory() const override { return file_ ? std::string_view() : std::string_view(memory_); }
    Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t count) const override;

    /// Room for a body of a known size, as far as it will be in memory.
    void expect(std::uint64_t size);
    /// Why the body could not be kept (no space, no directory); nothing while all is well.
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
    /// Ready for the next request. Keeps a little memory.
    void clear();

private:
    Result<void> write_out(std::string_view bytes);
    Result<void> open_file();

    std::string directory_;
    std::string memory_;  // of a body in a file: its end, until there is enough to write
    UniqueFd file_;
    std::uint64_t written_ = 0;
    std::uint64_t size_ = 0;
    std::optional<Error> error_;
};

}  // namespace gunicorn::server
