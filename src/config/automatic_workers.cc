#include "config/automatic_workers.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace gunicorn::config {
namespace {

struct Usable {
    std::int64_t processors;
    std::string_view because;
};

Usable usable_processors(const RuleFacts& facts) noexcept {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::int64_t quota = facts.cpu_quota.value_or(kMost);
    const std::int64_t affinity = facts.cpu_affinity.value_or(kMost);
    if (quota == kMost && affinity == kMost) return {1, "nothing is known of this host"};
    const std::int64_t fewest = std::clamp<std::int64_t>(std::min(quota, affinity), 1, 1'000'000);
    return {fewest, quota < affinity ? "quota of the control group" : "affinity of the process"};
}

}  // namespace

bool means_automatic(std::string_view text) noexcept { return text::equal_ignoring_case(text::trim(text), "auto"); }

std::int64_t automatic_workers(const RuleFacts& facts) noexcept { return 2 * usable_processors(facts).processors + 1; }

std::string explain_automatic_workers(const Resolution& resolution, const RuleFacts& facts) {
    const auto winner = std::find_if(resolution.history.rbegin(), resolution.history.rend(),
                                     [](const Candidate& one) { return one.id == SettingId::workers && one.accepted; });
    const auto* words = winner == resolution.history.rend() ? nullptr : winner->value.get_if<std::string>();
    if (words == nullptr || !means_automatic(*words)) return {};
    const Usable usable = usable_processors(facts);
    return fmt::format("auto: {} (2 x {} processor{} + 1; {})", automatic_workers(facts), usable.processors,
                       usable.processors == 1 ? "" : "s", usable.because);
}

}  // namespace gunicorn::config
