#include "server/preflight/host.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server::preflight {
namespace {

struct FreeInterfaces {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

unsigned prefix_length(const sockaddr* mask) {
    const auto given = mask == nullptr ? std::nullopt : ip_address_of(mask);
    if (!given) return 128;
    unsigned bits = given->is_v4() ? 96 : 0;
    for (std::size_t i = given->is_v4() ? 12 : 0; i < 16; ++i) {
        bits += static_cast<unsigned>(std::popcount(given->bytes().at(i)));
    }
    return bits;
}

std::vector<InterfaceAddress> interface_addresses() {
    std::vector<InterfaceAddress> found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return found;
    const std::unique_ptr<ifaddrs, FreeInterfaces> owner(list);
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr) continue;
        const auto address = ip_address_of(one->ifa_addr);
        if (!address) continue;
        const bool is_loopback = (one->ifa_flags & IFF_LOOPBACK) != 0;
        found.push_back({address->unmapped(), is_loopback ? prefix_length(one->ifa_netmask) : 128});
    }
    return found;
}

int number_in(const std::string& path, int otherwise) {
    const auto content = sys::read_file(path, 4096);
    if (!content) return otherwise;
    const auto number = text::parse_decimal(text::trim(*content));
    return number && *number <= 65536 ? static_cast<int>(*number) : otherwise;
}

/// CapEff of /proc/self/status; what root has when there is no such line.
std::uint64_t effective_capabilities(const std::string& proc) {
    const auto status = sys::read_file(proc + "/self/status", 64U << 10U);
    const std::size_t line = status ? status->find("\nCapEff:") : std::string::npos;
    if (line == std::string::npos) return ::geteuid() == 0 ? ~std::uint64_t{0} : 0;
    return std::strtoull(status->c_str() + line + std::strlen("\nCapEff:"), nullptr, 16);
}

/// sd_listen_fds(3). The check may run in a child of the process that was started.
int passed_by_systemd() {
    const char* pid = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    if (pid == nullptr || count == nullptr) return 0;
    const auto named = text::parse_decimal(pid);
    if (!named || (*named != static_cast<std::uint64_t>(::getpid()) && *named != static_cast<std::uint64_t>(::getppid())))
        return 0;
    const auto number = text::parse_decimal(count);
    return number && *number < 1024 ? static_cast<int>(*number) : 0;
}

}  // namespace

Host Host::inspect(std::string proc) {
    Host host;
    host.proc = std::move(proc);
    host.user = ::geteuid();
    host.group = ::getegid();
    host.capabilities = effective_capabilities(host.proc);
    const std::string net = host.proc + "/sys/net/";
    host.first_unprivileged_port = number_in(net + "ipv4/ip_unprivileged_port_start", 1024);
    host.ipv6_only = number_in(net + "ipv6/bindv6only", 0) != 0;
    host.nonlocal_ipv4 = number_in(net + "ipv4/ip_nonlocal_bind", 0) != 0;
    host.nonlocal_ipv6 = number_in(net + "ipv6/ip_nonlocal_bind", 0) != 0;
    host.interfaces = interface_addresses();
    host.systemd_descriptors = passed_by_systemd();
    return host;
}

bool Host::may_bind(const IpAddress& address) const {
    if (address.is_v4() ? nonlocal_ipv4 : nonlocal_ipv6) return true;
    for (const InterfaceAddress& one : interfaces) {
        if (one.address.has_same_prefix(address, one.prefix)) return true;
    }
    return false;
}

}  // namespace gunicorn::server::preflight
