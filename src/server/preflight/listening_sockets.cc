#include "server/preflight/listening_sockets.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/preflight/processes.h"

namespace gunicorn::server::preflight {
namespace {

constexpr std::string_view kListen = "0A";              // TCP_LISTEN
constexpr std::uint32_t kAcceptsConnections = 0x10000;  // __SO_ACCEPTCON

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (const std::string_view word : text::split(line, ' ')) {
        if (!word.empty()) words.push_back(word);
    }
    return words;
}

std::optional<std::uint32_t> parse_hex(std::string_view digits) {
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return value;
}

/// "0100007F:1F90": words of 32 bits in the order of this machine, each holding bytes in network order.
std::optional<Endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon != 8 && colon != 32) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < colon / 8; ++i) {
        const auto word = parse_hex(text.substr(i * 8, 8));
        if (!word) return std::nullopt;
        std::memcpy(bytes.data() + i * 4, &*word, 4);
    }
    const auto port = parse_hex(text.substr(colon + 1));
    if (!port) return std::nullopt;
    const IpAddress address = colon == 8 ? IpAddress::from_v4(bytes.data()) : IpAddress::from_v6(bytes.data());
    return Endpoint{address.unmapped(), static_cast<std::uint16_t>(*port)};
}

std::string table(const std::string& path) {
    auto text = sys::read_file(path);
    return text ? *std::move(text) : std::string();
}

bool holds(const std::filesystem::path& descriptors, const std::string& target) {
    std::error_code error;  // a process that ended, or that this user may not look into
    for (std::filesystem::directory_iterator one(descriptors, error), end; !error && one != end; one.increment(error)) {
        std::error_code gone;
        if (std::filesystem::read_symlink(one->path(), gone) == target) return true;
    }
    return false;
}

}  // namespace

// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
std::vector<TcpListener> parse_tcp_table(std::string_view text) {
    std::vector<TcpListener> found;
    for (const std::string_view line : text::split(text, '\n')) {
        const auto words = words_of(line);
        if (words.size() < 10 || words[3] != kListen) continue;
        const auto endpoint = parse_endpoint(words[1]);
        const auto user = text::parse_decimal(words[7]);
        const auto inode = text::parse_decimal(words[9]);
        if (endpoint && user && inode) found.push_back({*endpoint, static_cast<uid_t>(*user), *inode});
    }
    return found;
}

// Num: RefCount Protocol Flags Type St Inode Path; the path may hold spaces.
std::vector<UnixListener> parse_unix_table(std::string_view text) {
    std::vector<UnixListener> found;
    for (const std::string_view line : text::split(text, '\n')) {
        const auto words = words_of(line);
        if (words.size() < 8 || words[7].front() == '@') continue;
        const auto flags = parse_hex(words[3]);
        const auto inode = text::parse_decimal(words[6]);
        if (!flags || !inode || (*flags & kAcceptsConnections) == 0) continue;
        found.push_back({std::string(words[7].data(), line.data() + line.size()), *inode});
    }
    return found;
}

std::vector<TcpListener> tcp_listeners(const std::string& proc) {
    std::vector<TcpListener> all = parse_tcp_table(table(proc + "/net/tcp"));
    for (TcpListener& one : parse_tcp_table(table(proc + "/net/tcp6"))) all.push_back(one);
    return all;
}

std::vector<UnixListener> unix_listeners(const std::string& proc) { return parse_unix_table(table(proc + "/net/unix")); }

std::vector<pid_t> holders_of(std::uint64_t inode, const std::string& proc) {
    std::vector<pid_t> found;
    const std::string target = fmt::format("socket:[{}]", inode);
    for (const pid_t pid : all_processes(proc)) {
        if (holds(fmt::format("{}/{}/fd", proc, pid), target)) found.push_back(pid);
    }
    return found;
}

}  // namespace gunicorn::server::preflight
