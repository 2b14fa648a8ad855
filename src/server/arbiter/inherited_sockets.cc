#include "server/arbiter/inherited_sockets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gunicorn::server {
Result<InheritedSockets> InheritedSockets::adopt(const Inheritance& inherited) {
    InheritedSockets adopted;
    for (const int fd : inherited.descriptors) {
        auto listener = Listener::adopt(fd, inherited.by_systemd ? Listens::yes : Listens::perhaps);
        if (!listener) {
            const char* variable = inherited.by_systemd ? kSystemdCountVariable : kListenersVariable;
            return failure(ErrorKind::system,
                           fmt::format("the socket passed by {} cannot be used: {}", variable, listener.error().message));
        }
        adopted.sockets_.push_back(*std::move(listener));
    }
    return adopted;
}

Result<std::optional<Listener>> InheritedSockets::take(const Address& configured, const ListenerOptions& options) {
    const auto found = std::ranges::find_if(sockets_, [&](const Listener& one) { return one.stands_for(configured); });
    if (found == sockets_.end()) return std::optional<Listener>();
    Listener listener = std::move(*found);
    sockets_.erase(found);
    listener.set_configured(configured);
    if (!options.reuse_port && !listener.listens()) GN_CHECK(listener.set_backlog(options.backlog));
    return std::optional(std::move(listener));
}

std::vector<std::string> InheritedSockets::close_rest() noexcept {
    std::vector<std::string> closed;
    for (Listener& listener : sockets_) {
        closed.push_back(to_string(listener.local()));
        listener.close();
    }
    return closed;
}

void InheritedSockets::remove_files() noexcept {
    for (Listener& listener : sockets_) listener.close_and_unlink();
    sockets_.clear();
}

Diagnostics bind_systemd_sockets(config::Settings& settings, const Inheritance& inherited) {
    Diagnostics dropped;
    if (!inherited.by_systemd) return dropped;
    std::vector<std::string> passed;
    std::vector<Address> names;
    for (const int fd : inherited.descriptors) {
        passed.push_back(to_string(Address::descriptor(fd)));
        names.push_back(Address::descriptor(fd));
        if (auto local = name_of_socket(fd)) names.push_back(address_of(*local));
    }
    const Origin origin = settings.origin(config::SettingId::bind);
    const std::vector<std::string> configured = std::exchange(settings.bind, std::move(passed));
    if (origin.kind == SourceKind::defaults || origin.kind == SourceKind::default_environment) return dropped;
    for (const std::string& text : configured) {
        const auto address = Address::parse(text);
        const auto is_it = [&](const Address& name) { return name == *address || is_same_place(*address, name); };
        if (address && std::ranges::any_of(names, is_it)) continue;
        dropped.push_back({DiagId::replaced_by_systemd, "bind", origin,
                           fmt::format("{} is not listened on, since systemd passed sockets (LISTEN_FDS)", text)});
    }
    return dropped;
}

}  // namespace gunicorn::server
