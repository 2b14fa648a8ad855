#include "server/arbiter/tls_material.h"

#include "server/worker/engine_options.h"

namespace gunicorn::server {
namespace {

// Whoever gets hold of a key reads what was sealed with it: it shall not be much. Two older keys are still accepted.
constexpr auto kKeyTime = std::chrono::hours(6);

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsMaterial::load(const config::Settings& settings, TimePoint now) {
    const std::optional<TlsOptions> options = tls_options(settings);
    if (!options) return std::unique_ptr<TlsContext>();
    if (!tickets_) {
        GN_TRY(tickets_, TicketKeys::create());
        rotate_at_ = now + kKeyTime;
    }
    return TlsContext::create(*options, *tickets_);
}

Result<void> TlsMaterial::rotate_when_due(TimePoint now) {
    if (now < rotate_at_) return {};
    rotate_at_ = now + kKeyTime;
    return tickets_->rotate();
}

}  // namespace gunicorn::server
