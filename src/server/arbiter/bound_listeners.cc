#include "server/arbiter/bound_listeners.h"

#include <algorithm>
#include <utility>

#include "server/worker/engine_options.h"

namespace gunicorn::server {
namespace {

bool has_socket(const std::vector<Listener>& listeners, const Listener& wanted) {
    return std::ranges::any_of(listeners, [&](const Listener& one) { return one.is_same_socket(wanted); });
}

/// The one of `running` that `wanted` asks for, and no entry before it has. A port that the kernel chose is nobody's but who
/// asked for it in the same words.
const Listener* find(const std::vector<Listener>& running, const Address& wanted, const std::vector<Listener>& bound) {
    const bool is_any_port = wanted.kind == AddressKind::tcp && wanted.port == 0;
    const auto found = std::ranges::find_if(running, [&](const Listener& one) {
        const bool is_it = is_any_port ? one.configured() == wanted : one.stands_for(wanted);
        return is_it && !has_socket(bound, one);
    });
    return found == running.end() ? nullptr : &*found;
}

Result<Listener> share(const Listener& listener, const Address& address, const ListenerOptions& options) {
    GN_TRY(Listener shared, listener.share());
    shared.set_configured(address);
    if (shared.listens()) GN_CHECK(shared.set_backlog(options.backlog));  // not one that holds a port for reuse_port
    return shared;
}

Result<std::vector<Listener>> bound_to(const std::vector<std::string>& addresses, const ListenerOptions& options,
                                       const std::vector<Listener>& running, const OpenListener& open) {
    std::vector<Listener> bound;
    const auto bind_all = [&]() -> Result<void> {
        for (const std::string& text : addresses) {
            GN_TRY(const Address address, Address::parse(text));
            const Listener* known = find(running, address, bound);
            GN_TRY(Listener listener, known != nullptr ? share(*known, address, options) : open(address));
            bound.push_back(std::move(listener));
        }
        return {};
    };
    if (auto done = bind_all(); !done) {
        close_listeners(bound, running, SocketFiles::remove);
        return Unexpected{std::move(done).error()};
    }
    return bound;
}

}  // namespace

Result<std::vector<Listener>> bound_listeners(const config::Settings& settings, const std::vector<Listener>& running,
                                              const OpenListener& open) {
    return bound_to(settings.bind, listener_options(settings), running, open);
}

Result<std::vector<Listener>> bound_status_listeners(const config::Settings& settings, const std::vector<Listener>& running,
                                                     const OpenListener& open) {
    return bound_to(status_addresses(settings), status_listener_options(settings), running, open);
}

std::vector<std::string> status_addresses(const config::Settings& settings) {
    if (settings.status_bind.value_or("").empty()) return {};
    return {*settings.status_bind};
}

ListenerOptions status_listener_options(const config::Settings& settings) {
    constexpr int kBacklog = 64;
    ListenerOptions options = listener_options(settings);
    options.backlog = kBacklog;
    options.reuse_port = false;
    return options;
}

void close_listeners(std::vector<Listener>& closing, const std::vector<Listener>& staying, SocketFiles files) noexcept {
    for (Listener& listener : closing) {
        const bool stays = files == SocketFiles::keep || has_socket(staying, listener);
        if (stays || listener.configured().kind == AddressKind::descriptor) {
            listener.close();
        } else {
            listener.close_and_unlink();
        }
    }
}

std::uint64_t retired_listeners(const std::vector<Listener>& listeners, const std::vector<Listener>& successors) {
    std::uint64_t retired = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(listeners.size(), 64); ++i) {
        if (!has_socket(successors, listeners[i])) retired |= std::uint64_t{1} << i;
    }
    return retired;
}

std::string describe_listeners(const config::Settings& settings, const std::vector<Listener>& listeners) {
    std::string text;
    for (const Listener& listener : listeners) {
        text += (text.empty() ? "" : ",") + to_string(listener.local(), scheme_of(settings));
    }
    return text;
}

Scheme scheme_of(const config::Settings& settings) {
    return settings.certfile.value_or("").empty() ? Scheme::http : Scheme::https;
}

}  // namespace gunicorn::server
