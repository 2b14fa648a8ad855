#include "server/worker/failure_page.h"

#include "base/assert.h"
#include "http/response_head.h"

namespace gunicorn::server {
namespace {

constexpr std::string_view kStyle =
    "body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color:#222;background:#fff}"
    "h1{font-size:1.3rem;overflow-wrap:anywhere}"
    "pre{padding:1rem;overflow-x:auto;border:1px solid #d99;border-radius:4px;background:#fff5f5;font-size:.9rem}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}pre{border-color:#744;background:#2a1d1d}}";

void append_as_html(std::string_view text, std::string& out) {
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            case '\0': break;  // no character of HTML
            default: out += c;
        }
    }
}

std::string_view last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t end = text.rfind('\n');
    return end == std::string_view::npos ? text : text.substr(end + 1);
}

class Page final : public gateway::ResponseSource {
public:
    explicit Page(std::string_view bytes) : bytes_(bytes) {}

    Result<Piece> next() override { return Piece{bytes_, true}; }
    [[nodiscard]] std::optional<std::uint64_t> known_length() const override { return bytes_.size(); }
    [[nodiscard]] std::optional<gateway::FilePart> file() const override { return std::nullopt; }
    [[nodiscard]] std::optional<std::string> environ_value(std::string_view) const override { return std::nullopt; }
    [[nodiscard]] bool has_epilogue() const override { return false; }
    Result<void> finish(const gateway::ResponseSummary&) override { return {}; }

private:
    std::string_view bytes_;
};

}  // namespace

std::string failure_page(std::string_view failure) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>The application does not load</title>\n<style>";
    page += kStyle;
    page += "</style>\n</head>\n<body>\n<p>The application does not load:</p>\n<h1>";
    append_as_html(last_line(failure), page);
    page += "</h1>\n<pre>";
    append_as_html(failure, page);
    page +=
        "</pre>\n<p>The server waits for an edit: save a file, then reload this page. It is shown because the setting "
        "<code>reload</code> is on.</p>\n</body>\n</html>\n";
    return page;
}

Result<std::unique_ptr<gateway::ResponseSource>> BrokenApplication::call(gateway::Exchange& exchange) {
    http::ResponseHead& head = exchange.response();
    const bool is_accepted = head.set_status("500 Internal Server Error") &&
                             head.add("Content-Type", "text/html; charset=utf-8") && head.add("Cache-Control", "no-store");
    GN_ASSERT(is_accepted, "these are well-formed");
    return std::make_unique<Page>(page_);
}

}  // namespace gunicorn::server
