#include "server/status/status_answer.h"

#include "server/status/prometheus_text.h"
#include "server/status/status_document.h"
#include "server/status/status_page.h"

namespace gunicorn::server {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";

StatusAnswer readiness(const std::string& unready) {
    if (unready.empty()) return {200, kPlain, "ready\n"};
    return {503, kPlain, unready + "\n"};
}

}  // namespace

StatusAnswer status_answer(std::string_view path, const LookAtServer& look) {
    if (path == "/healthz") return {200, kPlain, "ok\n"};
    if (path == "/readyz") return readiness(look().unready);
    if (path == "/metrics") return {200, kPrometheusType, prometheus_text(look())};
    if (path == "/status") return {200, "application/json", status_document(look())};
    if (path == "/") return {200, "text/html; charset=utf-8", std::string(kStatusPage)};
    return {404, kPlain, "There are /metrics, /healthz, /readyz, /status and /.\n"};
}

}  // namespace gunicorn::server
