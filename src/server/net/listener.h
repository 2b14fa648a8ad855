#pragma once

#include <sys/types.h>

#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "server/net/address.h"

namespace gunicorn::server {

struct ListenerOptions {
    int backlog = 2048;
    mode_t umask = 0;          ///< while a unix socket is bound: its mode is 0777 without these bits
    std::optional<uid_t> uid;  ///< owner of a unix socket
    std::optional<gid_t> gid;
    bool reuse_port = false;
};

/// Whether a socket that is taken over must listen.
enum class Listens { yes, perhaps };

/// A listening stream socket: non-blocking, close-on-exec. TCP_NODELAY is for whoever accepts.
class Listener {
public:
    /// Opens what `bind` names; fd://N takes the descriptor over. A unix socket file that nobody accepts on any more is
    /// replaced; one that is in use, or a file that is no socket, stays and is an error (Gunicorn removes both). Errors of
    /// kind system keep errno: EADDRINUSE is worth another attempt. After a failure nothing of ours is left behind.
    static Result<Listener> open(const Address& address, const ListenerOptions& options = {});
    /// The same for `options.reuse_port` without listening, so that the kernel gives it no connections: holds the port for
    /// the sockets that share it. TCP only.
    static Result<Listener> reserve(const Address& address, const ListenerOptions& options);

    /// Whichever of the two the options ask for.
    static Result<Listener> open_for_master(const Address& address, const ListenerOptions& options);

    /// Takes over an inherited descriptor (fd://N, GUNICORN_FD, LISTEN_FDS). Refuses, and does not close, what is no
    /// stream socket, or does not listen where it must. configured() is then fd://N.
    static Result<Listener> adopt(int fd, Listens listens = Listens::yes);

    /// Another object for the same socket, with a descriptor of its own.
    [[nodiscard]] Result<Listener> share() const;
    [[nodiscard]] bool is_same_socket(const Listener& other) const noexcept;
    /// Whether this is the socket that `wanted` asks for, however it is spelled: the same descriptor, file, or port of the
    /// same address. Port 0 asks for any. **Blocks** as resolve() does, unless it was configured in these words.
    [[nodiscard]] bool stands_for(const Address& wanted) const;
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// What was asked for.
    [[nodiscard]] const Address& configured() const noexcept { return configured_; }
    /// An inherited socket is what an address of `bind` asks for.
    void set_configured(Address address) { configured_ = std::move(address); }
    /// What the kernel says: a real port where 0 was asked for, a number where a name was.
    [[nodiscard]] const Address& local() const noexcept { return local_; }
    /// AF_INET, AF_INET6 or AF_UNIX.
    [[nodiscard]] int family() const noexcept { return family_; }

    /// Not one that only holds a port (reserve).
    [[nodiscard]] bool listens() const noexcept;
    /// Applies to a socket that listens already; one that only held its port listens from now on.
    Result<void> set_backlog(int backlog);

    /// Closes; the file of a unix socket stays.
    void close() noexcept { fd_.reset(); }
    /// Closes, and removes the file of a unix socket as long as it is still the one this socket is bound to.
    void close_and_unlink() noexcept;

private:
    Listener() = default;
    static Result<Listener> bind(const Address& address, const ListenerOptions& options);
    /// Fills in what the kernel says about fd_.
    Result<void> learn_name();

    UniqueFd fd_;
    Address configured_;
    Address local_;
    int family_ = 0;
    // Of the socket file; inode 0: none known. Inodes are used again at once; chmod and chown leave the modification time
    // alone.
    std::string file_;  // absolute: the working directory may change
    dev_t device_ = 0;
    ino_t inode_ = 0;
    timespec modified_{};
};

/// What the kernel calls a socket.
Result<SocketAddress> name_of_socket(int fd);

}  // namespace gunicorn::server
