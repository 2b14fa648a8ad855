#include "app/host_facts.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "support/temp_dir.h"

namespace gunicorn::app {
namespace {

using Files = std::map<std::string, std::string>;

/// The facts of a host that has these files, for process 42.
config::RuleFacts facts_of(const Files& files, const config::Environment& environment = {}, pid_t server = 42) {
    const test::TempDir root;
    for (const auto& [path, text] : files) {
        std::filesystem::create_directories(std::filesystem::path(root.path() + path).parent_path());
        static_cast<void>(root.write(path.substr(1), text));
    }
    return host_facts(environment, server, root.path());
}

std::optional<std::int64_t> quota_of(Files files, const std::string& groups) {
    files["/proc/self/cgroup"] = groups;
    return facts_of(files).cpu_quota;
}

TEST_CASE("a host without files leaves its facts unknown") {
    const config::RuleFacts facts = facts_of({});
    CHECK_FALSE(facts.cpu_quota);
    CHECK_FALSE(facts.somaxconn);
    CHECK(facts.pid_1 == false);
    CHECK(facts.under_systemd == false);
}

TEST_CASE("the quota of a version 2 group is the smallest on the way up, in whole processors") {
    const std::string group = "0::/kube/pod\n";
    CHECK(quota_of({{"/sys/fs/cgroup/kube/pod/cpu.max", "200000 100000\n"}}, group) == 2);
    CHECK(quota_of({{"/sys/fs/cgroup/kube/pod/cpu.max", "max 100000\n"}}, group) == std::nullopt);
    CHECK(quota_of(
              {{"/sys/fs/cgroup/kube/pod/cpu.max", "400000 100000\n"}, {"/sys/fs/cgroup/kube/cpu.max", "150000 100000\n"}},
              group) == 2);
    CHECK(quota_of({{"/sys/fs/cgroup/cpu.max", "50000 100000\n"}}, group) == 1);
    CHECK(quota_of({{"/sys/fs/cgroup/cpu.max", "300000 100000\n"}}, "0::/\n") == 3);
}

TEST_CASE("the quota of a version 1 group is found under either name of its mount") {
    const Files quota{{"/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "250000\n"},
                      {"/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000\n"}};
    CHECK(quota_of(quota, "5:memory:/docker/1\n4:cpu:/docker/1\n0::/\n") == 3);
    const Files joined{{"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n"},
                       {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"}};
    CHECK(quota_of(joined, "4:cpu,cpuacct:/docker/of-the-host\n") == 1);
    const Files none{{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"}, {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}};
    CHECK(quota_of(none, "4:cpu:/\n") == std::nullopt);
    CHECK(quota_of(quota, "4:cpuset:/docker/1\n") == std::nullopt);
}

TEST_CASE("files that say something else leave the quota unknown") {
    for (const char* text : {"", "max", "0 100000", "1 0", "-5 100000", "99999999999999999999 1", "a b", "1 2 3"}) {
        CAPTURE(text);
        CHECK(quota_of({{"/sys/fs/cgroup/cpu.max", text}}, "0::/\n") == std::nullopt);
    }
    for (const char* groups : {"", "0", "0:", "::", "cpu", "\n\n", "0::"}) {
        CAPTURE(groups);
        CHECK(quota_of({}, groups) == std::nullopt);
    }
}

TEST_CASE("the longest backlog is the kernel's") {
    CHECK(facts_of({{"/proc/sys/net/core/somaxconn", "4096\n"}}).somaxconn == 4096);
    CHECK(facts_of({{"/proc/sys/net/core/somaxconn", "many\n"}}).somaxconn == std::nullopt);
}

TEST_CASE("the limit of open files is that of this process") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit lower = before;
    lower.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
    CHECK(facts_of({}).nofile_limit == 200);
    CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TEST_CASE("systemd is known by its variables and by process 1 being the parent") {
    const Files of_init{{"/proc/42/status", "Name:\tgunicorn\nPid:\t42\nPPid:\t1\n"}};
    const Files of_shell{{"/proc/42/status", "Name:\tgunicorn\nPid:\t42\nPPid:\t41\n"}};
    const config::Environment unit{{"INVOCATION_ID", "0"}};
    const config::Environment notified{{"INVOCATION_ID", "0"}, {"NOTIFY_SOCKET", "/run/systemd/notify"}};
    CHECK(facts_of(of_init, unit).under_systemd == true);
    CHECK(facts_of(of_shell, notified).under_systemd == true);
    CHECK(facts_of(of_shell, unit).under_systemd == false);
    CHECK(facts_of(of_init).under_systemd == false);
    CHECK(facts_of({}, unit).under_systemd == false);
}

TEST_CASE("the first process of a container is number 1") {
    CHECK(facts_of({}, {}, 1).pid_1 == true);
    CHECK(facts_of({}, {}, 2).pid_1 == false);
}

}  // namespace
}  // namespace gunicorn::app
