#pragma once
// What a master tells the check that it executes before a reload, in a variable of its own.

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/arbiter/inheritance.h"

namespace gunicorn::server {

/// The variable that makes this program only check its configuration: for the reload of the process it names.
inline constexpr const char* kReloadCheckVariable = "GUNICORN_RELOAD_CHECK";

struct ReloadCheck {
    pid_t master = 0;                  ///< whose reload it is; 0: the variable did not say
    std::vector<int> systemd_sockets;  ///< which stand in the place of `bind`; open in the check too

    bool operator==(const ReloadCheck&) const = default;

    /// What the master was handed, as far as it concerns its configuration.
    [[nodiscard]] Inheritance inherited() const {
        return {.descriptors = systemd_sockets, .by_systemd = !systemd_sockets.empty()};
    }
};

/// "17", or "17:3,4" with sockets of systemd.
[[nodiscard]] std::string to_string(const ReloadCheck& check);

/// The reverse; what cannot be understood is left out.
[[nodiscard]] ReloadCheck parse_reload_check(std::string_view text);

}  // namespace gunicorn::server
