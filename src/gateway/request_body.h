#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace gunicorn::gateway {

/// The complete body of one request, in memory or in an unlinked file. Lives as long as its exchange.
class RequestBody {
public:
    virtual ~RequestBody() = default;
    /// Bytes altogether.
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// The whole body where it is in memory; empty where it is in a file (or has no bytes).
    [[nodiscard]] virtual std::string_view memory() const = 0;
    /// Up to `count` bytes from `offset`; fewer only at the end. Blocks on a file at most.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t count) const = 0;
};

}  // namespace gunicorn::gateway
