// bench_load: asks a server on loopback and prints what came of it as one line of JSON.
//
//   bench_load PORT [--connections N] [--seconds S] [--rate R] [--patience S] [--reconnect] [--awake]
//              [--tls] [--resume] < request
//
// The request is read from standard input and sent as it is.

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "load/client.h"

namespace gunicorn::bench {
namespace {

Duration seconds(const char* text) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::atof(text)));
}

bool* find_flag(LoadPlan& plan, std::string_view option) {
    if (option == "--reconnect") return &plan.reconnect;
    if (option == "--awake") return &plan.awake;
    if (option == "--tls") return &plan.tls;
    return option == "--resume" ? &plan.resume : nullptr;
}

bool read_plan(int argc, char** argv, LoadPlan& plan) {
    if (argc < 2) return false;
    plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    for (int i = 2; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (bool* flag = find_flag(plan, option)) {
            *flag = true;
            continue;
        }
        if (i + 1 == argc) return false;
        const char* value = argv[++i];
        if (option == "--connections")
            plan.connections = std::atoi(value);
        else if (option == "--seconds")
            plan.length = seconds(value);
        else if (option == "--rate")
            plan.rate = std::atof(value);
        else if (option == "--patience")
            plan.patience = seconds(value);
        else
            return false;
    }
    plan.request.assign(std::istreambuf_iterator<char>(std::cin), {});
    return plan.port != 0 && plan.connections > 0 && !plan.request.empty();
}

/// The latency below which this share of the requests stayed, in µs. `latencies` is sorted.
double percentile(const std::vector<Duration>& latencies, double share) {
    if (latencies.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies.size()));
    return std::chrono::duration<double, std::micro>(latencies[std::min(index, latencies.size() - 1)]).count();
}

void print(LoadReport report) {
    std::sort(report.latencies.begin(), report.latencies.end());
    const double length = std::chrono::duration<double>(report.length).count();
    const double answered = static_cast<double>(report.latencies.size());
    std::printf("{\"due\": %llu, \"answered\": %zu, \"seconds\": %.3f, \"rate\": %.1f, ",
                static_cast<unsigned long long>(report.due), report.latencies.size(), length, answered / length);
    std::printf("\"refused\": %llu, \"broken\": %llu, \"bad_status\": %llu, \"starved\": %llu, ",
                static_cast<unsigned long long>(report.refused), static_cast<unsigned long long>(report.broken),
                static_cast<unsigned long long>(report.bad_status), static_cast<unsigned long long>(report.starved));
    std::printf("\"handshakes\": %llu, \"resumed\": %llu, ", static_cast<unsigned long long>(report.handshakes),
                static_cast<unsigned long long>(report.resumed));
    std::printf("\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}\n", percentile(report.latencies, 0.5),
                percentile(report.latencies, 0.99), percentile(report.latencies, 0.999), percentile(report.latencies, 1));
}

}  // namespace
}  // namespace gunicorn::bench

int main(int argc, char** argv) {
    using namespace gunicorn::bench;
    LoadPlan plan;
    if (!read_plan(argc, argv, plan)) {
        std::fputs(
            "usage: bench_load PORT [--connections N] [--seconds S] [--rate R] [--patience S]\n"
            "                  [--reconnect] [--awake] [--tls] [--resume] < request\n",
            stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);    // OpenSSL writes to the socket
    ::prctl(PR_SET_TIMERSLACK, 1UL);  // a due request is sent when it is due, not 50 µs later
    print(LoadClient(plan).run());
    return 0;
}
