#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.gen.h"
#include "server/net/ticket_keys.h"
#include "server/net/tls_context.h"

namespace gunicorn::server {

/// What a master keeps for TLS as long as it lives, whatever is reloaded: the keys of session tickets. It outlives the
/// contexts.
class TlsMaterial {
public:
    /// What the settings ask for, read with the rights of this process; null where no native TLS is asked for. **Fork**:
    /// before that of the workers that will use it.
    Result<std::unique_ptr<TlsContext>> load(const config::Settings& settings, TimePoint now);
    /// A new ticket key when the current one has served its time. A failure is due again as late as a success.
    Result<void> rotate_when_due(TimePoint now);

private:
    std::optional<TicketKeys> tickets_;  // with the first context
    TimePoint rotate_at_ = TimePoint::max();
};

}  // namespace gunicorn::server
