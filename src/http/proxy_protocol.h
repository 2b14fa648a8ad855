#pragma once
// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): what a proxy that passes bytes on says, before
// them, about the connection it passes on.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"
#include "http/progress.h"

namespace gunicorn::http {

/// Which headers are looked for. Whatever else comes first is no header.
enum class ProxyMode : std::uint8_t { off, v1, v2, any };

struct ProxyHeader {
    enum class Kind : std::uint8_t {
        absent,   ///< the connection begins with something else
        local,    ///< the proxy speaks for itself (LOCAL: a health check)
        unnamed,  ///< somebody's connection, and not said whose: UNKNOWN, UNSPEC, a unix socket, UDP
        named,    ///< source and destination are those of the client's TCP connection to the proxy
    };
    struct Endpoint {
        IpAddress address;
        std::uint16_t port = 0;
        bool operator==(const Endpoint&) const = default;
    };

    Kind kind = Kind::absent;
    std::string_view protocol;  ///< static; PROXY_PROTOCOL: "TCP4", "TCP6", "LOCAL", "UNKNOWN" (v1), "UNSPEC" (v2)
    Endpoint source;            ///< of `named`: the client
    Endpoint destination;       ///< of `named`: where the client connected to

    bool operator==(const ProxyHeader&) const = default;
};

enum class ProxyError : std::uint8_t {
    bad_line,       ///< v1: not "PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT" and CRLF
    line_too_long,  ///< v1: more than 107 bytes with its CRLF
    bad_address,    ///< v1: not an address of the family
    bad_port,       ///< v1: not 0 to 65535 without leading zeros
    bad_version,    ///< v2: not version 2
    bad_command,    ///< v2: neither LOCAL nor PROXY
    bad_family,     ///< v2: an address family or transport that does not exist
    too_long,       ///< v2: says that more than kMostProxyBlock bytes follow
    too_short,      ///< v2: no room for the addresses of its family
    bad_tlv,        ///< v2: the extensions do not end where the header does
};

/// For a log; no bytes of the peer.
[[nodiscard]] std::string_view text_of(ProxyError error) noexcept;

/// What a v2 header may have behind its first 16 bytes. Client certificates travel there.
inline constexpr std::size_t kMostProxyBlock = 16384;

/// Reads the header from the first bytes of a connection, as they come. The outcome does not depend on how they were
/// cut; no byte behind the header is consumed; memory is constant. An error is final. Extensions (TLVs) are skipped
/// once their lengths add up: none changes who the client is, and the CRC32C is not checked, since TCP has a checksum
/// and a peer that is trusted to name the client needs no forgery. Of headers that name nobody, addresses and
/// extensions are not even looked at, as the protocol demands.
class ProxyProtocolParser {
public:
    explicit ProxyProtocolParser(ProxyMode mode) noexcept : mode_(mode) {}

    /// Fills `header` when complete. Once complete or failed, says the same again until reset(). With `absent` nothing
    /// of these bytes was consumed, and held_back() comes before them.
    Result<Progress, ProxyError> feed(std::string_view bytes, ProxyHeader& header);

    /// Bytes of earlier calls that looked like a header until one followed that did not.
    [[nodiscard]] std::string_view held_back() const noexcept { return {buffer_.data(), held_back_}; }
    /// The signature was read: this is a header, or a bad one, and nothing else.
    [[nodiscard]] bool is_header() const noexcept { return is_header_; }
    /// A byte was read.
    [[nodiscard]] bool has_started() const noexcept { return size_ > 0; }

    void reset() noexcept { *this = ProxyProtocolParser(mode_); }

private:
    enum class State : std::uint8_t { signature, line, fixed_part, addresses, extensions, ignored, complete, failed };

    [[nodiscard]] bool may_be(std::string_view signature, ProxyMode version) const noexcept;
    // Each takes some of `bytes`, which are not empty, and says how many.
    std::size_t on_signature(std::string_view bytes, ProxyHeader& header);
    Result<std::size_t, ProxyError> on_line(std::string_view bytes, ProxyHeader& header);
    Result<std::size_t, ProxyError> on_fixed_part(std::string_view bytes, ProxyHeader& header);
    std::size_t on_addresses(std::string_view bytes, ProxyHeader& header);
    Result<std::size_t, ProxyError> on_extensions(std::string_view bytes);
    std::size_t on_ignored(std::string_view bytes);
    Result<std::size_t, ProxyError> step(std::string_view bytes, ProxyHeader& header);
    [[nodiscard]] std::size_t fill(std::string_view bytes, std::size_t wanted) noexcept;
    void leave_block(std::size_t bytes) noexcept;

    ProxyMode mode_;
    State state_ = State::signature;
    ProxyError error_{};  // when failed
    bool is_header_ = false;
    std::array<char, 107> buffer_{};  // a v1 line, or a v2 header without its extensions
    std::size_t size_ = 0;
    std::size_t held_back_ = 0;
    std::size_t block_left_ = 0;               // v2: bytes up to the end of the header
    std::size_t extension_left_ = 0;           // of the current extension's value
    std::array<std::uint8_t, 3> extension_{};  // type and length of the current extension
    std::size_t extension_size_ = 0;
};

}  // namespace gunicorn::http
