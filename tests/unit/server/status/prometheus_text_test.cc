#include "server/status/prometheus_text.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "base/text.h"
#include "unit/server/status/status_values.h"

namespace gunicorn::server {
namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("requests are counted by status, and only statuses that came are shown") {
    const std::string text = prometheus_text(some_status());
    CHECK(has_line(text, "gunicorn_requests_total{status=\"200\"} 2"));
    CHECK(has_line(text, "gunicorn_requests_total{status=\"404\"} 1"));
    CHECK(text.find("status=\"500\"") == std::string::npos);
}

TEST_CASE("durations are a cumulative histogram in seconds, whose last bucket is the count") {
    const std::string text = prometheus_text(some_status());
    CHECK(has_line(text, "gunicorn_request_duration_seconds_bucket{le=\"0.001\"} 1"));
    CHECK(has_line(text, "gunicorn_request_duration_seconds_bucket{le=\"0.0025\"} 2"));
    CHECK(has_line(text, "gunicorn_request_duration_seconds_bucket{le=\"60\"} 2"));
    CHECK(has_line(text, "gunicorn_request_duration_seconds_bucket{le=\"+Inf\"} 3"));
    CHECK(has_line(text, "gunicorn_request_duration_seconds_count 3"));
    CHECK(has_line(text, "gunicorn_request_duration_seconds_sum 120.003"));
}

TEST_CASE("workers are counted by what they do, and what each has is added up") {
    const std::string text = prometheus_text(some_status());
    CHECK(has_line(text, "gunicorn_workers{state=\"busy\"} 1"));
    CHECK(has_line(text, "gunicorn_workers{state=\"booting\"} 1"));
    CHECK(has_line(text, "gunicorn_workers{state=\"idle\"} 0"));
    CHECK(has_line(text, "gunicorn_requests_active 7"));
    CHECK(has_line(text, "gunicorn_requests_queued 5"));
    CHECK(has_line(text, "gunicorn_worker_exits_total{cause=\"max_requests\"} 2"));
    CHECK(has_line(text, "gunicorn_worker_current_request_seconds{worker=\"1\"} 1.5"));
}

TEST_CASE("what the kernel does not tell is left out") {
    const std::string text = prometheus_text(some_status());
    CHECK(has_line(text, "gunicorn_listener_backlog{address=\"http://127.0.0.1:8000\"} 9"));
    CHECK(text.find("unix:/run") == std::string::npos);
    CHECK(has_line(text, "gunicorn_worker_resident_memory_bytes{worker=\"1\"} 2097152"));
    CHECK(text.find("gunicorn_worker_resident_memory_bytes{worker=\"0\"}") == std::string::npos);
}

TEST_CASE("values of labels are escaped") {
    ServerStatus status = some_status();
    status.listeners[1].backlog = 0;
    CHECK(has_line(prometheus_text(status), R"(gunicorn_listener_backlog{address="unix:/run/\"odd\\\n.sock"} 0)"));
}

TEST_CASE("each metric is described once, before its samples, and the text of one status is always the same") {
    const std::string text = prometheus_text(some_status());
    CHECK(prometheus_text(some_status()) == text);
    std::set<std::string> described;
    for (const std::string_view line : text::split(text, '\n')) {
        if (line.starts_with("# TYPE ")) CHECK(described.insert(std::string(text::split(line, ' ')[2])).second);
        if (line.empty() || line.starts_with('#')) continue;
        std::string name(line.substr(0, line.find_first_of("{ ")));
        for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
            if (name == "gunicorn_request_duration_seconds" + suffix) name.resize(name.size() - suffix.size());
        }
        CHECK(described.count(name) == 1);
    }
    CHECK(text.ends_with('\n'));
}

}  // namespace
}  // namespace gunicorn::server
