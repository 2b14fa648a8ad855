#pragma once
// A server as the master would show it, with a value in every place.

#include "server/status/server_status.h"

namespace gunicorn::server {

inline ServerStatus some_status() {
    using namespace std::chrono_literals;
    ServerStatus status;
    status.version = "gunicorn 27.0.0";
    status.python_version = "3.11.2";
    status.pid = 10;
    status.started_at = 1'700'000'000;
    status.uptime = 90s;
    status.usage = ProcessUsage{1U << 20U, 0.5};
    status.worker_class = "gthread";
    status.generation = 3;
    status.workers_wanted = 2;
    status.changed_settings = R"([{"name": "workers", "value": 2, "origin": "command line, argument 1"}])";
    RequestCounters counters;
    counters.record(200, 1ms, 10);
    counters.record(200, 2ms, 20);
    counters.record(404, 2min, 5);
    status.requests = counters.totals();
    status.accepted_connections = 4;
    status.workers_spawned = 5;
    status.worker_exits = {{"max_requests", 2}, {"crash", 1}};
    status.reloads = {{"complete", 2}, {"given_up", 0}};
    status.upgrades = {{"begun", 0}, {"undone", 0}};
    WorkerStatus busy;
    busy.number = 1;
    busy.pid = 12;
    busy.age = 5;
    busy.generation = 3;
    busy.activity = WorkerActivity::busy;
    busy.uptime = 60s;
    busy.boot_time = 250ms;
    busy.heartbeat_age = 500ms;
    busy.requests = 3;
    busy.active_requests = 7;
    busy.queued_requests = 5;
    busy.accepted_connections = 4;
    busy.open_connections = 2;
    busy.current = CurrentRequest{"GET /slow", 1500ms};
    busy.usage = ProcessUsage{2U << 20U, 1.25};
    WorkerStatus booting;
    booting.pid = 13;
    status.workers = {busy, booting};
    status.listeners = {{"http://127.0.0.1:8000", 9}, {"unix:/run/\"odd\\\n.sock", std::nullopt}};
    return status;
}

}  // namespace gunicorn::server
