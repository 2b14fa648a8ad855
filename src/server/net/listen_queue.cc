#include "server/net/listen_queue.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <iterator>

#include "base/unique_fd.h"

namespace gunicorn::server {
namespace {

/// In the answer to a query for one unix socket (sock_diag(7)).
std::optional<std::uint32_t> queue_in(const char* bytes, std::size_t size) {
    nlmsghdr header;
    unix_diag_msg body;
    constexpr std::size_t kBody = NLMSG_ALIGN(sizeof header);
    if (size < kBody + sizeof body) return std::nullopt;
    std::memcpy(&header, bytes, sizeof header);
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
    for (std::size_t at = kBody + NLMSG_ALIGN(sizeof body); at + sizeof(rtattr) <= size;) {
        rtattr attribute;
        std::memcpy(&attribute, bytes + at, sizeof attribute);
        unix_diag_rqlen queue;
        if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > size) return std::nullopt;
        if (attribute.rta_type == UNIX_DIAG_RQLEN && attribute.rta_len >= RTA_LENGTH(sizeof queue)) {
            std::memcpy(&queue, bytes + at + RTA_LENGTH(0), sizeof queue);
            return queue.udiag_rqueue;  // of one that listens: connections
        }
        at += RTA_ALIGN(attribute.rta_len);
    }
    return std::nullopt;
}

/// The kernel answers within send().
std::optional<std::uint32_t> queued_on_unix(int fd) {
    struct stat status {};
    const UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
    if (!netlink || ::fstat(fd, &status) != 0) return std::nullopt;
    struct {
        nlmsghdr header;
        unix_diag_req query;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.query.sdiag_family = AF_UNIX;
    request.query.udiag_states = ~0U;
    request.query.udiag_ino = static_cast<std::uint32_t>(status.st_ino);
    request.query.udiag_cookie[0] = request.query.udiag_cookie[1] = ~0U;  // none: the inode is enough
    request.query.udiag_show = UDIAG_SHOW_RQLEN;
    if (::send(netlink.get(), &request, sizeof request, 0) < 0) return std::nullopt;
    std::array<char, 512> answer;
    const ssize_t size = ::recv(netlink.get(), answer.data(), answer.size(), 0);
    return size <= 0 ? std::nullopt : queue_in(answer.data(), static_cast<std::size_t>(size));
}

}  // namespace

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

std::optional<std::uint32_t> queued_connections(int fd, int family) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return std::nullopt;
    if (family == AF_UNIX) return queued_on_unix(fd);
    tcp_info info{};
    size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    return info.tcpi_unacked;  // of one that listens: what accept() would find
}

}  // namespace gunicorn::server
