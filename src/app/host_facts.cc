#include "app/host_facts.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {
namespace {

using Number = std::optional<std::int64_t>;

struct FreeCpuSet {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
};

/// Decimal, not negative, and of 18 digits at most.
Number to_number(std::string_view text) {
    const auto number = text::parse_decimal(text::trim(text));
    constexpr std::uint64_t kMost = 999'999'999'999'999'999;
    return number && *number <= kMost ? Number(static_cast<std::int64_t>(*number)) : std::nullopt;
}

Number number_in(const std::string& path) {
    const auto text = sys::read_file(path);
    return text ? to_number(*text) : std::nullopt;
}

/// Whole processors, rounded up: half a processor is one.
Number processors(const Number& quota, const Number& period) {
    if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
    return (*quota - 1) / *period + 1;
}

/// Version 2: "200000 100000", or "max 100000" without a quota.
Number quota_of_version_2(const std::string& folder) {
    const auto text = sys::read_file(folder + "/cpu.max");
    if (!text) return std::nullopt;
    const auto words = text::split(text::trim(*text), ' ');
    return words.size() == 2 ? processors(to_number(words[0]), to_number(words[1])) : std::nullopt;
}

/// Version 1: the quota is -1 when there is none.
Number quota_of_version_1(const std::string& folder) {
    return processors(number_in(folder + "/cpu.cfs_quota_us"), number_in(folder + "/cpu.cfs_period_us"));
}

Number smaller(const Number& a, const Number& b) { return a && b ? std::min(*a, *b) : (a ? a : b); }

/// The smallest quota of a group and all above it. In a container the path may be the host's, of which only the top is here.
Number smallest_quota(const std::string& mount, std::string_view path, Number (*quota_of)(const std::string&)) {
    Number smallest;
    for (std::string_view rest = path;; rest = rest.substr(0, rest.rfind('/'))) {
        while (rest.ends_with('/')) rest.remove_suffix(1);
        smallest = smaller(smallest, quota_of(mount + std::string(rest)));
        if (rest.find('/') == std::string_view::npos) return smallest;
    }
}

/// /proc/self/cgroup has a line "NUMBER:CONTROLLERS:PATH" for each hierarchy; that of version 2 has no controllers.
Number cpu_quota(const std::string& root) {
    const auto groups = sys::read_file(root + "/proc/self/cgroup");
    if (!groups) return std::nullopt;
    const std::string mount = root + "/sys/fs/cgroup";
    Number smallest;
    for (const std::string_view line : text::split(*groups, '\n')) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
        if (second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string_view path = line.substr(second + 1);
        if (controllers.empty()) {
            smallest = smaller(smallest, smallest_quota(mount, path, quota_of_version_2));
            continue;
        }
        const auto names = text::split(controllers, ',');
        if (std::find(names.begin(), names.end(), "cpu") == names.end()) continue;
        for (const std::string& folder : {mount + "/cpu", mount + "/" + std::string(controllers)}) {
            smallest = smaller(smallest, smallest_quota(folder, path, quota_of_version_1));
        }
    }
    return smallest;
}

/// Processors of the machine beyond those that fit are asked for again, with more room.
Number cpu_affinity() {
    for (std::size_t room = 1024; room <= 1U << 20U; room *= 2) {
        const std::unique_ptr<cpu_set_t, FreeCpuSet> set(CPU_ALLOC(room));
        if (!set) return std::nullopt;
        if (::sched_getaffinity(0, CPU_ALLOC_SIZE(room), set.get()) == 0)
            return CPU_COUNT_S(CPU_ALLOC_SIZE(room), set.get());
        if (errno != EINVAL) return std::nullopt;
    }
    return std::nullopt;
}

Number nofile_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
    return static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<std::int64_t>::max()));
}

std::optional<pid_t> parent_of(pid_t process, const std::string& root) {
    const auto status = sys::read_file(root + "/proc/" + std::to_string(process) + "/status");
    if (!status) return std::nullopt;
    for (const std::string_view line : text::split(*status, '\n')) {
        if (!line.starts_with("PPid:")) continue;
        const Number parent = to_number(line.substr(5));
        return parent ? std::optional(static_cast<pid_t>(*parent)) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

config::RuleFacts host_facts(const config::Environment& environment, pid_t server, const std::string& root) {
    config::RuleFacts facts;
    facts.pid_1 = server == 1;
    facts.under_systemd = environment.contains("INVOCATION_ID") &&
                          (environment.contains("NOTIFY_SOCKET") || parent_of(server, root) == std::optional<pid_t>(1));
    facts.cpu_quota = cpu_quota(root);
    facts.cpu_affinity = cpu_affinity();
    facts.nofile_limit = nofile_limit();
    facts.somaxconn = number_in(root + "/proc/sys/net/core/somaxconn");
    return facts;
}

}  // namespace gunicorn::app
