#include "server/net/listen_queue.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <iterator>

namespace gunicorn::server {

void defer_accept(int fd, bool wanted) {
    const int seconds = wanted ? 1 : 0;
    ::setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

void keep_newcomers_out(int fd, int family) {
    if (family == AF_UNIX) {
        ::shutdown(fd, SHUT_RD);  // of TCP it would reset the queue
        return;
    }
    constexpr unsigned kFlags = 13;  // their octet of a TCP header: RFC 9293 3.1
    constexpr unsigned kSyn = 0x02;
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

std::optional<std::uint32_t> waiting_connections(int fd) noexcept {
    tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || info.tcpi_state != TCP_LISTEN) return std::nullopt;
    return info.tcpi_unacked;  // of a socket that listens: the length of its queue
}

}  // namespace gunicorn::server
