#include "server/arbiter/bound_listeners.h"

#include <algorithm>
#include <utility>

#include "server/worker/engine_options.h"

namespace gunicorn::server {
namespace {

const Listener* find(const std::vector<Listener>& listeners, const Address& configured) {
    const auto found = std::ranges::find(listeners, configured, &Listener::configured);
    return found == listeners.end() ? nullptr : &*found;
}

Result<Listener> share(const Listener& listener, const ListenerOptions& options) {
    GN_TRY(Listener shared, listener.share());
    if (shared.listens()) GN_CHECK(shared.set_backlog(options.backlog));  // not one that holds a port for reuse_port
    return shared;
}

}  // namespace

Result<std::vector<Listener>> bound_listeners(const config::Settings& settings, const std::vector<Listener>& running,
                                              const OpenListener& open) {
    const ListenerOptions options = listener_options(settings);
    std::vector<Listener> bound;
    const auto bind_all = [&]() -> Result<void> {
        for (const std::string& text : settings.bind) {
            GN_TRY(const Address address, Address::parse(text));
            const Listener* known = find(running, address);
            GN_TRY(Listener listener, known != nullptr ? share(*known, options) : open(address));
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

void close_listeners(std::vector<Listener>& closing, const std::vector<Listener>& staying, SocketFiles files) noexcept {
    for (Listener& listener : closing) {
        const bool stays = files == SocketFiles::keep || find(staying, listener.configured()) != nullptr;
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
        if (find(successors, listeners[i].configured()) == nullptr) retired |= std::uint64_t{1} << i;
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
