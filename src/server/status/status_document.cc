#include "server/status/status_document.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace gunicorn::server {
namespace {

using Json = nlohmann::ordered_json;

/// To a millisecond, as people read it.
Json seconds(Duration duration) { return std::round(std::chrono::duration<double>(duration).count() * 1e3) / 1e3; }

Json usage_json(const std::optional<ProcessUsage>& usage) {
    if (!usage) return {{"resident_memory_bytes", nullptr}, {"cpu_seconds", nullptr}};
    return {{"resident_memory_bytes", usage->resident_bytes}, {"cpu_seconds", usage->cpu_seconds}};
}

Json counts_json(const std::vector<NamedCount>& counts) {
    Json out = Json::object();
    for (const auto& [name, count] : counts) out[std::string(name)] = count;
    return out;
}

Json server_json(const ServerStatus& status) {
    Json out{{"version", status.version},
             {"python", status.python_version},
             {"pid", status.pid},
             {"started_at", status.started_at},
             {"uptime_seconds", seconds(status.uptime)},
             {"ready", status.unready.empty()},
             {"reason", status.unready.empty() ? Json() : Json(status.unready)}};
    out.update(usage_json(status.usage));
    return out;
}

Json requests_json(const ServerStatus& status) {
    Json by_status = Json::object();
    for (std::size_t i = 0; i < status.requests.by_status.size(); ++i) {
        if (const std::uint64_t count = status.requests.by_status[i]; count > 0) {
            by_status[std::to_string(i + RequestTotals::kFirstStatus)] = count;
        }
    }
    return {{"total", status.requests.requests()},
            {"by_status", std::move(by_status)},
            {"duration_seconds", seconds(status.requests.duration)},
            {"response_bytes", status.requests.bytes_sent},
            {"accepted_connections", status.accepted_connections}};
}

Json worker_json(const WorkerStatus& worker) {
    Json current;
    if (worker.current) current = {{"line", worker.current->line}, {"seconds", seconds(worker.current->since)}};
    Json out{{"number", worker.number},
             {"pid", worker.pid},
             {"age", worker.age},
             {"generation", worker.generation},
             {"state", name_of(worker.activity)},
             {"uptime_seconds", seconds(worker.uptime)},
             {"boot_seconds", worker.boot_time ? seconds(*worker.boot_time) : Json()},
             {"heartbeat_age_seconds", seconds(worker.heartbeat_age)},
             {"requests", worker.requests},
             {"active_requests", worker.active_requests},
             {"queued_requests", worker.queued_requests},
             {"accepted_connections", worker.accepted_connections},
             {"open_connections", worker.open_connections},
             {"current_request", std::move(current)}};
    out.update(usage_json(worker.usage));
    return out;
}

Json listener_json(const ListenerStatus& listener) {
    return {{"address", listener.address}, {"backlog", listener.backlog ? Json(*listener.backlog) : Json()}};
}

template <class T, class Make>
Json list_json(const std::vector<T>& items, Make make) {
    Json out = Json::array();
    for (const T& item : items) out.push_back(make(item));
    return out;
}

}  // namespace

std::string status_document(const ServerStatus& status) {
    Json settings = Json::parse(status.changed_settings, nullptr, false);
    if (settings.is_discarded()) settings = Json::array();
    Json reloads = counts_json(status.reloads);
    reloads["under_way"] = status.is_reloading;
    const Json document{{"server", server_json(status)},
                        {"configuration",
                         {{"generation", status.generation},
                          {"worker_class", status.worker_class},
                          {"workers", status.workers_wanted},
                          {"changed_settings", std::move(settings)}}},
                        {"requests", requests_json(status)},
                        {"workers", list_json(status.workers, worker_json)},
                        {"listeners", list_json(status.listeners, listener_json)},
                        {"worker_spawns", status.workers_spawned},
                        {"worker_exits", counts_json(status.worker_exits)},
                        {"reloads", std::move(reloads)},
                        {"upgrades", counts_json(status.upgrades)}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gunicorn::server
