#include "http/proxy_protocol.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace gunicorn::http {
namespace {

constexpr std::string_view kLineSignature = "PROXY ";
constexpr std::string_view kBinarySignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedPart = 16;   // signature, version and command, family and transport, length
constexpr std::size_t kAddresses4 = 12;  // two addresses, two ports
constexpr std::size_t kAddresses6 = 36;
constexpr unsigned kLocal = 0;
constexpr unsigned kProxy = 1;
constexpr unsigned kTcp4 = 0x11;        // AF_INET, STREAM
constexpr unsigned kTcp6 = 0x21;        // AF_INET6, STREAM
constexpr unsigned kLastFamily = 3;     // AF_UNIX
constexpr unsigned kLastTransport = 2;  // DGRAM

unsigned byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }
std::uint16_t number_at(std::string_view bytes, std::size_t i) {
    return static_cast<std::uint16_t>(byte_at(bytes, i) << 8U | byte_at(bytes, i + 1));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto number = text::parse_decimal(text);
    if (!number || *number > 65535 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

/// What stands between "PROXY " and CRLF.
Result<ProxyHeader, ProxyError> read_line(std::string_view line) {
    const std::string_view family = line.substr(0, line.find(' '));
    if (family == "UNKNOWN") {
        // "The receiver must ignore anything presented before the CRLF is found."
        return ProxyHeader{.kind = ProxyHeader::Kind::unnamed, .protocol = "UNKNOWN", .source = {}, .destination = {}};
    }
    const auto words = text::split(line, ' ');
    if (words.size() != 5 || (family != "TCP4" && family != "TCP6")) return Unexpected{ProxyError::bad_line};
    const bool is_v4 = family == "TCP4";
    const auto source = IpAddress::parse(words[1]);
    const auto destination = IpAddress::parse(words[2]);
    if (!source || !destination || source->is_v4() != is_v4 || destination->is_v4() != is_v4) {
        return Unexpected{ProxyError::bad_address};
    }
    const auto source_port = parse_port(words[3]);
    const auto destination_port = parse_port(words[4]);
    if (!source_port || !destination_port) return Unexpected{ProxyError::bad_port};
    return ProxyHeader{.kind = ProxyHeader::Kind::named,
                       .protocol = is_v4 ? "TCP4" : "TCP6",
                       .source = {*source, *source_port},
                       .destination = {*destination, *destination_port}};
}

/// Two addresses, then two ports.
ProxyHeader read_addresses(std::string_view block, bool is_v4) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(block.data());
    const std::size_t size = is_v4 ? 4 : 16;
    const auto address = is_v4 ? &IpAddress::from_v4 : &IpAddress::from_v6;
    return {.kind = ProxyHeader::Kind::named,
            .protocol = is_v4 ? "TCP4" : "TCP6",
            .source = {address(bytes), number_at(block, 2 * size)},
            .destination = {address(bytes + size), number_at(block, 2 * size + 2)}};
}

}  // namespace

std::string_view text_of(ProxyError error) noexcept {
    switch (error) {
        case ProxyError::bad_line: return "the line is malformed";
        case ProxyError::line_too_long: return "the line is too long";
        case ProxyError::bad_address: return "an address is none of its family";
        case ProxyError::bad_port: return "a port is none";
        case ProxyError::bad_version: return "the version is not 2";
        case ProxyError::bad_command: return "the command is neither LOCAL nor PROXY";
        case ProxyError::bad_family: return "the address family or transport does not exist";
        case ProxyError::too_long: return "the header is too long";
        case ProxyError::too_short: return "the header is too short for its addresses";
        case ProxyError::bad_tlv: return "the extensions do not end where the header does";
    }
    return {};
}

Result<Progress, ProxyError> ProxyProtocolParser::feed(std::string_view bytes, ProxyHeader& header) {
    if (state_ == State::failed) return Unexpected{error_};
    const std::size_t before = size_;
    std::size_t consumed = 0;
    while (state_ != State::complete && consumed < bytes.size()) {
        const auto taken = step(bytes.substr(consumed), header);
        if (!taken) {
            state_ = State::failed;
            error_ = taken.error();
            return Unexpected{error_};
        }
        consumed += *taken;
    }
    if (state_ == State::complete && !is_header_ && consumed > 0) {
        held_back_ = before;
        consumed = 0;
    }
    return Progress{consumed, state_ == State::complete};
}

Result<std::size_t, ProxyError> ProxyProtocolParser::step(std::string_view bytes, ProxyHeader& header) {
    switch (state_) {
        case State::signature: return on_signature(bytes, header);
        case State::line: return on_line(bytes, header);
        case State::fixed_part: return on_fixed_part(bytes, header);
        case State::addresses: return on_addresses(bytes, header);
        case State::extensions: return on_extensions(bytes);
        case State::ignored: return on_ignored(bytes);
        case State::complete:
        case State::failed: break;
    }
    return std::size_t{0};
}

bool ProxyProtocolParser::may_be(std::string_view signature, ProxyMode version) const noexcept {
    return (mode_ == version || mode_ == ProxyMode::any) &&
           signature.starts_with(std::string_view(buffer_.data(), size_));
}

std::size_t ProxyProtocolParser::on_signature(std::string_view bytes, ProxyHeader& header) {
    buffer_[size_++] = bytes.front();
    const bool may_be_line = may_be(kLineSignature, ProxyMode::v1);
    const bool may_be_binary = may_be(kBinarySignature, ProxyMode::v2);
    if (!may_be_line && !may_be_binary) {
        header = {};
        state_ = State::complete;
    } else if (may_be_line && size_ == kLineSignature.size()) {
        state_ = State::line;
        is_header_ = true;
    } else if (may_be_binary && size_ == kBinarySignature.size()) {
        state_ = State::fixed_part;
        is_header_ = true;
    }
    return 1;
}

Result<std::size_t, ProxyError> ProxyProtocolParser::on_line(std::string_view bytes, ProxyHeader& header) {
    const char c = bytes.front();
    const bool is_after_cr = buffer_[size_ - 1] == '\r';
    if (is_after_cr != (c == '\n')) return Unexpected{ProxyError::bad_line};
    if (c == '\n') {
        const std::string_view line(buffer_.data(), size_ - 1);
        GN_TRY(header, read_line(line.substr(kLineSignature.size())));
        state_ = State::complete;
    } else if (size_ + 1 == buffer_.size()) {
        return Unexpected{ProxyError::line_too_long};
    }
    buffer_[size_++] = c;
    return std::size_t{1};
}

/// Copies what is missing of the first `wanted` bytes.
std::size_t ProxyProtocolParser::fill(std::string_view bytes, std::size_t wanted) noexcept {
    const std::size_t count = std::min(bytes.size(), wanted - size_);
    std::copy_n(bytes.data(), count, buffer_.data() + size_);
    size_ += count;
    return count;
}

Result<std::size_t, ProxyError> ProxyProtocolParser::on_fixed_part(std::string_view bytes, ProxyHeader& header) {
    const std::size_t taken = fill(bytes, kFixedPart);
    if (size_ < kFixedPart) return taken;
    const std::string_view head(buffer_.data(), size_);
    const unsigned version = byte_at(head, 12) >> 4U;
    const unsigned command = byte_at(head, 12) & 0xfU;
    const unsigned family = byte_at(head, 13);
    block_left_ = number_at(head, 14);
    if (version != 2) return Unexpected{ProxyError::bad_version};
    if (command != kLocal && command != kProxy) return Unexpected{ProxyError::bad_command};
    if (block_left_ > kMostProxyBlock) return Unexpected{ProxyError::too_long};
    if (command == kProxy && (family >> 4U > kLastFamily || (family & 0xfU) > kLastTransport)) {
        return Unexpected{ProxyError::bad_family};
    }
    if (command == kProxy && (family == kTcp4 || family == kTcp6)) {
        if (block_left_ < (family == kTcp4 ? kAddresses4 : kAddresses6)) return Unexpected{ProxyError::too_short};
        state_ = State::addresses;
        return taken;
    }
    // What is not supported "falls back to the UNSPEC mode"; of LOCAL the family is ignored.
    header = {.kind = command == kLocal ? ProxyHeader::Kind::local : ProxyHeader::Kind::unnamed,
              .protocol = command == kLocal ? "LOCAL" : "UNSPEC",
              .source = {},
              .destination = {}};
    state_ = block_left_ > 0 ? State::ignored : State::complete;
    return taken;
}

std::size_t ProxyProtocolParser::on_addresses(std::string_view bytes, ProxyHeader& header) {
    const bool is_v4 = byte_at({buffer_.data(), kFixedPart}, 13) == kTcp4;
    const std::size_t end = kFixedPart + (is_v4 ? kAddresses4 : kAddresses6);
    const std::size_t taken = fill(bytes, end);
    block_left_ -= taken;
    if (size_ == end) {
        header = read_addresses(std::string_view(buffer_.data(), size_).substr(kFixedPart), is_v4);
        state_ = block_left_ > 0 ? State::extensions : State::complete;
    }
    return taken;
}

Result<std::size_t, ProxyError> ProxyProtocolParser::on_extensions(std::string_view bytes) {
    std::size_t taken = 0;
    if (extension_left_ > 0) {
        taken = std::min(bytes.size(), extension_left_);
        extension_left_ -= taken;
    } else {
        if (extension_size_ == 0 && block_left_ < extension_.size()) return Unexpected{ProxyError::bad_tlv};
        extension_[extension_size_++] = static_cast<std::uint8_t>(bytes.front());
        taken = 1;
        if (extension_size_ == extension_.size()) {
            extension_left_ = std::size_t{extension_[1]} << 8U | extension_[2];
            extension_size_ = 0;
            if (extension_left_ > block_left_ - taken) return Unexpected{ProxyError::bad_tlv};
        }
    }
    leave_block(taken);
    return taken;
}

std::size_t ProxyProtocolParser::on_ignored(std::string_view bytes) {
    const std::size_t taken = std::min(bytes.size(), block_left_);
    leave_block(taken);
    return taken;
}

void ProxyProtocolParser::leave_block(std::size_t bytes) noexcept {
    block_left_ -= bytes;
    if (block_left_ == 0) state_ = State::complete;
}

}  // namespace gunicorn::http
