#pragma once
// workers = "auto": as many as suit the processors that this server may use, not those of the machine.

#include <cstdint>
#include <string>
#include <string_view>

#include "config/resolver.h"
#include "config/rule_facts.h"

namespace gunicorn::config {

/// "auto", in any case.
[[nodiscard]] bool means_automatic(std::string_view text) noexcept;

/// Two for each usable processor and one more, as Gunicorn's manual recommends. Usable is what the quota of the control
/// group and the affinity of the process leave; one processor where nothing is known.
[[nodiscard]] std::int64_t automatic_workers(const RuleFacts& facts) noexcept;

/// "auto: 5 (2 x 2 processors + 1; quota of the control group)"; empty when somebody gave a number.
[[nodiscard]] std::string explain_automatic_workers(const Resolution& resolution, const RuleFacts& facts);

}  // namespace gunicorn::config
