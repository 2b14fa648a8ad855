#include "server/net/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/scope_exit.h"
#include "base/sys.h"

namespace gunicorn::server {
namespace {

Unexpected<Error> system_failure(std::string_view call, const Address& address, int code = errno) {
    return Unexpected{sys::system_error(fmt::format("{} {}", call, to_string(address)), code)};
}

Result<int> socket_option(int fd, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) {
        return Unexpected{sys::system_error(fmt::format("fd://{}", fd))};
    }
    return value;
}

/// Removes the socket file of a server that is gone; everything else at that path stays and is an error.
Result<void> remove_stale_socket(const Address& address, const SocketAddress& where) {
    struct stat status {};
    if (::lstat(address.path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return system_failure("stat", address);
    }
    if (!S_ISSOCK(status.st_mode)) {
        return failure(ErrorKind::invalid_argument, fmt::format("'{}' is not a socket", address.path));
    }
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) return system_failure("socket", address);
    if (::connect(probe.get(), where.get(), where.length) == 0) return system_failure("bind", address, EADDRINUSE);
    switch (errno) {
        case ENOENT: return {};
        case ECONNREFUSED: break;
        case EACCES:
        case EPERM: return system_failure("connect", address);
        default: return system_failure("bind", address, EADDRINUSE);  // EAGAIN: its queue is full; EPROTOTYPE: another type
    }
    if (::unlink(address.path.c_str()) != 0 && errno != ENOENT) return system_failure("unlink", address);
    return {};
}

Result<void> set_option(int fd, int option, const char* name, const Address& address) {
    const int on = 1;
    if (::setsockopt(fd, SOL_SOCKET, option, &on, sizeof on) != 0) return system_failure(name, address);
    return {};
}

Result<void> bind_unix(int fd, const Address& address, const SocketAddress& where, const ListenerOptions& options) {
    GN_CHECK(remove_stale_socket(address, where));
    {
        const mode_t before = ::umask(options.umask);
        const ScopeExit restore([before] { ::umask(before); });
        if (::bind(fd, where.get(), where.length) != 0) return system_failure("bind", address);
    }
    if (options.uid || options.gid) {
        const uid_t uid = options.uid.value_or(static_cast<uid_t>(-1));
        const gid_t gid = options.gid.value_or(static_cast<gid_t>(-1));
        if (::lchown(address.path.c_str(), uid, gid) != 0) {
            const int code = errno;
            ::unlink(address.path.c_str());
            return system_failure("chown", address, code);
        }
    }
    return {};
}

}  // namespace

Result<SocketAddress> name_of_socket(int fd) {
    SocketAddress name;
    name.length = sizeof name.storage;
    if (::getsockname(fd, name.get(), &name.length) != 0) {
        return Unexpected{sys::system_error(fmt::format("getsockname of descriptor {}", fd))};
    }
    return name;
}

Result<Listener> Listener::bind(const Address& address, const ListenerOptions& options) {
    GN_TRY(const SocketAddress where, resolve(address));

    Listener listener;
    listener.configured_ = address;
    listener.fd_ = UniqueFd(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int fd = listener.fd();
    if (fd < 0) return system_failure("socket", address);
    if (address.kind == AddressKind::unix_socket) {
        GN_CHECK(bind_unix(fd, address, where, options));
    } else {
        GN_CHECK(set_option(fd, SO_REUSEADDR, "SO_REUSEADDR", address));
        if (options.reuse_port) GN_CHECK(set_option(fd, SO_REUSEPORT, "SO_REUSEPORT", address));
        if (::bind(fd, where.get(), where.length) != 0) return system_failure("bind", address);
    }
    GN_CHECK(listener.learn_name());
    return listener;
}

Result<Listener> Listener::reserve(const Address& address, const ListenerOptions& options) {
    GN_ASSERT(address.kind == AddressKind::tcp && options.reuse_port, "others cannot share what is reserved");
    return bind(address, options);
}

Result<Listener> Listener::open(const Address& address, const ListenerOptions& options) {
    if (address.kind == AddressKind::descriptor) return adopt(address.fd);
    GN_TRY(Listener listener, bind(address, options));
    if (::listen(listener.fd(), options.backlog) != 0) {
        const int code = errno;
        listener.close_and_unlink();
        return system_failure("listen", address, code);
    }
    return listener;
}

Result<Listener> Listener::adopt(int fd, Listens must_listen) {
    const Address address = Address::descriptor(fd);
    GN_TRY(const int type, socket_option(fd, SO_TYPE));
    GN_TRY(const int listens, socket_option(fd, SO_ACCEPTCONN));
    GN_TRY(const int domain, socket_option(fd, SO_DOMAIN));
    const bool is_known = domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX;
    if (type != SOCK_STREAM || (listens == 0 && must_listen == Listens::yes) || !is_known) {
        return failure(ErrorKind::invalid_argument, fmt::format("{} is not a listening stream socket", to_string(address)));
    }
    const int status_flags = ::fcntl(fd, F_GETFL);
    if (status_flags < 0 || ::fcntl(fd, F_SETFL, status_flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return system_failure("fcntl", address);
    }
    Listener listener;
    listener.configured_ = address;
    listener.fd_ = UniqueFd(fd);
    if (auto learned = listener.learn_name(); !learned) {
        [[maybe_unused]] const int still_the_callers = listener.fd_.release();
        return Unexpected{std::move(learned).error()};
    }
    return listener;
}

// With reuse_port each worker has a socket of its own; the master holds the port for them.
Result<Listener> Listener::open_for_master(const Address& address, const ListenerOptions& options) {
    return options.reuse_port && address.kind == AddressKind::tcp ? reserve(address, options) : open(address, options);
}

Result<Listener> Listener::share() const {
    Listener shared;
    shared.fd_ = UniqueFd(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
    if (!shared.fd_) return system_failure("fcntl", configured_);
    shared.configured_ = configured_;
    shared.local_ = local_;
    shared.family_ = family_;
    shared.file_ = file_;
    shared.device_ = device_;
    shared.inode_ = inode_;
    shared.modified_ = modified_;
    return shared;
}

Result<void> Listener::learn_name() {
    GN_TRY(const SocketAddress name, name_of_socket(fd()));
    family_ = name.family();
    local_ = address_of(name);
    if (family_ != AF_UNIX) return {};
    file_ = sys::absolute_path(local_.path, sys::working_directory());
    struct stat status {};
    if (::lstat(file_.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
        device_ = status.st_dev;
        inode_ = status.st_ino;
        modified_ = status.st_mtim;
    }
    return {};
}

bool Listener::is_same_socket(const Listener& other) const noexcept {
    struct stat mine {};
    struct stat theirs {};
    return ::fstat(fd(), &mine) == 0 && ::fstat(other.fd(), &theirs) == 0 && mine.st_dev == theirs.st_dev &&
           mine.st_ino == theirs.st_ino;
}

bool Listener::stands_for(const Address& wanted) const {
    switch (wanted.kind) {
        case AddressKind::descriptor: return configured_ == wanted;
        case AddressKind::unix_socket:
            return family_ == AF_UNIX && file_ == sys::absolute_path(wanted.path, sys::working_directory());
        case AddressKind::tcp: return configured_ == wanted || is_same_place(wanted, local_);
    }
    return false;
}

bool Listener::listens() const noexcept {
    const auto answer = socket_option(fd(), SO_ACCEPTCONN);
    return answer && *answer != 0;
}

Result<void> Listener::set_backlog(int backlog) {
    if (::listen(fd(), backlog) != 0) return system_failure("listen", configured_);
    return {};
}

void Listener::close_and_unlink() noexcept {
    close();
    struct stat status {};
    if (family_ != AF_UNIX || inode_ == 0 || ::lstat(file_.c_str(), &status) != 0) return;
    const bool is_ours = S_ISSOCK(status.st_mode) && status.st_dev == device_ && status.st_ino == inode_ &&
                         status.st_mtim.tv_sec == modified_.tv_sec && status.st_mtim.tv_nsec == modified_.tv_nsec;
    if (is_ours) ::unlink(file_.c_str());
}

}  // namespace gunicorn::server
