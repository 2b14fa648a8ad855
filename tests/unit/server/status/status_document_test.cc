#include "server/status/status_document.h"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "unit/server/status/status_values.h"

namespace gunicorn::server {
namespace {

nlohmann::json document_of(const ServerStatus& status) { return nlohmann::json::parse(status_document(status)); }

TEST_CASE("the document has the server, its workers and their requests") {
    const auto document = document_of(some_status());
    CHECK(document["server"]["ready"] == true);
    CHECK(document["server"]["reason"].is_null());
    CHECK(document["configuration"]["changed_settings"][0]["name"] == "workers");
    CHECK(document["requests"]["by_status"] == nlohmann::json{{"200", 2}, {"404", 1}});
    CHECK(document["requests"]["total"] == 3);
    CHECK(document["workers"][0]["current_request"] == nlohmann::json{{"line", "GET /slow"}, {"seconds", 1.5}});
    CHECK(document["workers"][0]["state"] == "busy");
    CHECK(document["workers"][1]["boot_seconds"].is_null());
    CHECK(document["workers"][1]["resident_memory_bytes"].is_null());
    CHECK(document["worker_exits"]["crash"] == 1);
    CHECK(document["listeners"][0]["backlog"] == 9);
}

TEST_CASE("a reason is shown while the server is not ready") {
    ServerStatus status = some_status();
    status.unready = "no worker is ready";
    CHECK(document_of(status)["server"]["ready"] == false);
    CHECK(document_of(status)["server"]["reason"] == "no worker is ready");
}

TEST_CASE("bytes of clients that are no UTF-8 or control bytes do not break the document") {
    ServerStatus status = some_status();
    status.workers[0].current->line = "GET /\xff\"\\\x01\n</script>";
    CHECK(document_of(status)["workers"][0]["current_request"]["line"] == "GET /\xef\xbf\xbd\"\\\x01\n</script>");
}

}  // namespace
}  // namespace gunicorn::server
