#include "server/status/process_usage.h"

#include <unistd.h>

#include <vector>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server {
namespace {

std::optional<std::uint64_t> number_at(const std::vector<std::string_view>& words, std::size_t index) {
    return index < words.size() ? text::parse_decimal(words[index]) : std::nullopt;
}

}  // namespace

std::optional<ProcessUsage> parse_usage(std::string_view statm, std::string_view stat) {
    // The name in the second field may hold anything: what follows counts from its last parenthesis.
    const std::size_t end_of_name = stat.rfind(')');
    if (end_of_name == std::string_view::npos) return std::nullopt;
    constexpr std::size_t kUserTime = 11;  // fields 14 and 15, the third being the first word here
    const std::vector<std::string_view> times = text::split(text::trim(stat.substr(end_of_name + 1)), ' ');
    const auto pages = number_at(text::split(statm, ' '), 1);
    const auto user = number_at(times, kUserTime);
    const auto system = number_at(times, kUserTime + 1);
    if (!pages || !user || !system) return std::nullopt;
    return ProcessUsage{*pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
                        static_cast<double>(*user + *system) / static_cast<double>(::sysconf(_SC_CLK_TCK))};
}

std::optional<ProcessUsage> usage_of(pid_t pid, const std::string& proc) {
    const auto statm = sys::read_file(fmt::format("{}/{}/statm", proc, pid));
    const auto stat = sys::read_file(fmt::format("{}/{}/stat", proc, pid));
    if (!statm || !stat) return std::nullopt;
    return parse_usage(*statm, *stat);
}

}  // namespace gunicorn::server
