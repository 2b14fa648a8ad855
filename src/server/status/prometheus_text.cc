#include "server/status/prometheus_text.h"

#include <array>
#include <iterator>
#include <type_traits>

#include <fmt/format.h>

namespace gunicorn::server {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Of a label: backslash, quote and line feed are escaped.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

std::string label(std::string_view name, std::string_view value) { return fmt::format("{}=\"{}\"", name, escaped(value)); }

std::string label_of(const WorkerStatus& worker) { return label("worker", std::to_string(worker.number)); }

class Text {
public:
    void begin(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        fmt::format_to(end(), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    /// Of the metric that begin() named.
    template <class T>
    void sample(std::string_view labels, T value) {
        sample_of("", labels, value);
    }
    template <class T>
    void sample_of(std::string_view suffix, std::string_view labels, T value) {
        out_ += name_;
        out_ += suffix;
        if (!labels.empty()) fmt::format_to(end(), "{{{}}}", labels);
        fmt::format_to(end(), " {}\n", value);
    }
    template <class T>
    void single(std::string_view name, std::string_view type, std::string_view help, T value) {
        begin(name, type, help);
        sample("", value);
    }
    void counts(std::string_view name, std::string_view label_name, std::string_view help,
                const std::vector<NamedCount>& counts) {
        begin(name, "counter", help);
        for (const auto& [value, count] : counts) sample(label(label_name, value), count);
    }
    /// One sample for each worker of which `get` knows the value.
    template <class Get>
    void each(std::string_view name, std::string_view type, std::string_view help, const ServerStatus& status, Get get) {
        begin(name, type, help);
        for (const WorkerStatus& worker : status.workers) {
            const auto value = get(worker);
            if constexpr (std::is_arithmetic_v<decltype(value)>) {
                sample(label_of(worker), value);
            } else if (value) {
                sample(label_of(worker), *value);
            }
        }
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::back_insert_iterator<std::string> end() { return std::back_inserter(out_); }

    std::string out_;
    std::string_view name_;
};

void write_server(const ServerStatus& status, Text& text) {
    text.begin("gunicorn_build_info", "gauge", "Which server this is.");
    text.sample(label("version", status.version) + "," + label("python", status.python_version), 1);
    text.begin("gunicorn_config_info", "gauge", "How it is configured.");
    text.sample(label("worker_class", status.worker_class), 1);
    text.single("gunicorn_config_generation", "gauge", "Number of the configuration; each reload counts one more.",
                status.generation);
    text.single("gunicorn_start_time_seconds", "gauge", "When the master began, in seconds since 1970.", status.started_at);
    text.single("gunicorn_ready", "gauge", "1 when /readyz says so.", status.unready.empty() ? 1 : 0);
    if (!status.usage) return;
    text.single("gunicorn_master_resident_memory_bytes", "gauge", "Memory of the master.", status.usage->resident_bytes);
    text.single("gunicorn_master_cpu_seconds_total", "counter", "CPU time of the master.", status.usage->cpu_seconds);
}

void write_requests(const ServerStatus& status, Text& text) {
    const RequestTotals& totals = status.requests;
    text.begin("gunicorn_requests_total", "counter", "Requests answered, refused or given up by their clients (499).");
    for (std::size_t i = 0; i < totals.by_status.size(); ++i) {
        if (totals.by_status[i] == 0) continue;
        text.sample(label("status", std::to_string(i + RequestTotals::kFirstStatus)), totals.by_status[i]);
    }
    text.begin("gunicorn_request_duration_seconds", "histogram", "From the first byte of a request until it is answered.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < totals.by_duration.size(); ++i) {
        sum += totals.by_duration[i];
        const std::string bound = i < kDurationBounds.size() ? fmt::format("{}", seconds(kDurationBounds[i])) : "+Inf";
        text.sample_of("_bucket", label("le", bound), sum);
    }
    text.sample_of("_sum", "", seconds(totals.duration));
    text.sample_of("_count", "", sum);
    text.single("gunicorn_response_bytes_total", "counter", "Bytes of bodies of responses.", totals.bytes_sent);
    std::uint64_t active = 0;
    std::uint64_t queued = 0;
    std::uint64_t open = 0;
    for (const WorkerStatus& worker : status.workers) {
        active += worker.active_requests;
        queued += worker.queued_requests;
        open += worker.open_connections;
    }
    text.single("gunicorn_requests_active", "gauge", "Requests that workers have and have not answered yet.", active);
    text.single("gunicorn_requests_queued", "gauge", "Of these, those that wait for a thread.", queued);
    text.single("gunicorn_connections_accepted_total", "counter", "Connections that workers accepted.",
                status.accepted_connections);
    text.single("gunicorn_connections_open", "gauge", "Connections that workers have now.", open);
    text.begin("gunicorn_listener_backlog", "gauge", "Connections that no worker has accepted yet.");
    for (const ListenerStatus& listener : status.listeners) {
        if (listener.backlog) text.sample(label("address", listener.address), *listener.backlog);
    }
}

void write_processes(const ServerStatus& status, Text& text) {
    text.single("gunicorn_workers_wanted", "gauge", "Workers that should be there.", status.workers_wanted);
    text.begin("gunicorn_workers", "gauge", "Workers that are there; busy ones have at least one request.");
    for (const auto activity :
         {WorkerActivity::booting, WorkerActivity::idle, WorkerActivity::busy, WorkerActivity::stopping}) {
        std::uint64_t count = 0;
        for (const WorkerStatus& worker : status.workers) count += worker.activity == activity ? 1 : 0;
        text.sample(label("state", name_of(activity)), count);
    }
    text.single("gunicorn_worker_spawns_total", "counter", "Workers that were forked.", status.workers_spawned);
    text.counts("gunicorn_worker_exits_total", "cause", "Workers that ended, by cause.", status.worker_exits);
    text.counts("gunicorn_reloads_total", "outcome", "Reloads that came to their end.", status.reloads);
    text.counts("gunicorn_upgrades_total", "outcome", "Upgrades by USR2.", status.upgrades);
}

void write_workers(const ServerStatus& status, Text& text) {
    text.begin("gunicorn_worker_info", "gauge", "Who has the number of a worker now.");
    for (const WorkerStatus& worker : status.workers) {
        text.sample(label_of(worker) + "," + label("pid", std::to_string(worker.pid)) + "," +
                        label("generation", std::to_string(worker.generation)),
                    1);
    }
    text.each("gunicorn_worker_uptime_seconds", "gauge", "Since the worker was forked.", status,
              [](const WorkerStatus& one) { return seconds(one.uptime); });
    text.each("gunicorn_worker_heartbeat_age_seconds", "gauge", "Since the worker's last sign of life.", status,
              [](const WorkerStatus& one) { return seconds(one.heartbeat_age); });
    text.each("gunicorn_worker_requests_total", "counter", "Requests of the worker that has the number now.", status,
              [](const WorkerStatus& one) { return one.requests; });
    text.each("gunicorn_worker_requests_active", "gauge", "Requests that the worker has now.", status,
              [](const WorkerStatus& one) { return one.active_requests; });
    text.each("gunicorn_worker_current_request_seconds", "gauge", "Since the worker's current request began; 0 without one.",
              status, [](const WorkerStatus& one) { return one.current ? seconds(one.current->since) : 0.0; });
    using Bytes = std::optional<std::uint64_t>;
    using Seconds = std::optional<double>;
    text.each("gunicorn_worker_resident_memory_bytes", "gauge", "Memory of the worker.", status,
              [](const WorkerStatus& one) { return one.usage ? Bytes(one.usage->resident_bytes) : Bytes(); });
    text.each("gunicorn_worker_cpu_seconds_total", "counter", "CPU time of the worker that has the number now.", status,
              [](const WorkerStatus& one) { return one.usage ? Seconds(one.usage->cpu_seconds) : Seconds(); });
}

}  // namespace

std::string prometheus_text(const ServerStatus& status) {
    Text text;
    write_server(status, text);
    write_requests(status, text);
    write_processes(status, text);
    write_workers(status, text);
    return text.take();
}

}  // namespace gunicorn::server
