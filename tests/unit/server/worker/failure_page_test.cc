#include "server/worker/failure_page.h"

#include <catch2/catch.hpp>

using gunicorn::server::failure_page;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the page says what was raised, and that the server waits") {
    const std::string page = failure_page("Traceback (most recent call last):\n  File \"a.py\", line 1\nNameError: x\n");
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(has(page, "<h1>NameError: x</h1>"));
    CHECK(has(page, "<pre>Traceback (most recent call last):\n"));
    CHECK(has(page, "waits for an edit"));
}

TEST_CASE("nothing of a traceback is taken for HTML") {
    const std::string page = failure_page(std::string("ValueError: <b onclick='x()'>&\"") + '\0');
    CHECK_FALSE(has(page, "<b "));
    CHECK(has(page, "<h1>ValueError: &lt;b onclick=&#39;x()&#39;&gt;&amp;&quot;</h1>"));
    CHECK(page.find('\0') == std::string::npos);
}

TEST_CASE("an empty failure is a page all the same") { CHECK(has(failure_page(""), "</html>")); }
