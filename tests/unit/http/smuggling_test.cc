// Runs tests/corpus/http/smuggling/table.txt; the README.md beside it defines the format.

#include <fstream>
#include <set>

#include "unit/http/corpus_escapes.h"
#include "unit/http/read_request.h"

namespace gunicorn::test {
namespace {

constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

struct Case {
    std::string name;
    std::string outcome;
    std::string bytes;
};

std::vector<Case> read_table() {
    std::ifstream file(GN_SOURCE_DIR "/tests/corpus/http/smuggling/table.txt");
    REQUIRE(file);
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t first = line.find(" | ");
        const std::size_t second = line.find(" | ", first + 1);
        REQUIRE(second != std::string::npos);
        const auto column = [&](std::size_t begin, std::size_t end) {
            return std::string(http::trim_blanks(std::string_view(line).substr(begin, end - begin)));
        };
        cases.push_back({column(0, first), unescape(column(first + 3, second)), unescape(line.substr(second + 3))});
    }
    return cases;
}

/// One side of a connection, which takes request after request as long as the last one lets it.
class Reader {
public:
    void feed(std::string_view bytes) {
        while (!is_over_) {
            if (is_in_body_ ? !feed_body(bytes) : !feed_head(bytes)) return;
        }
    }

    [[nodiscard]] std::string outcome() const {
        if (is_over_ || !parser_.has_started()) return text_;
        return text_ + (text_.empty() ? "wait" : " + wait");
    }

private:
    bool feed_head(std::string_view& bytes) {
        const auto progress = parser_.feed(bytes, head_);
        if (!progress) return refuse(progress.error());
        bytes.remove_prefix(progress->consumed);
        if (!progress->complete) return false;
        decoder_.start(head_);
        sink_.bytes.clear();
        is_in_body_ = true;
        return true;
    }

    bool feed_body(std::string_view& bytes) {
        const auto progress = decoder_.feed(bytes, sink_);
        if (!progress) return refuse(progress.error());
        bytes.remove_prefix(progress->consumed);
        if (!progress->complete) return false;
        const bool is_next = head_.target() == "/next" && sink_.bytes.empty();
        say(is_next ? "next"
                    : std::string(head_.method()) + ' ' + std::string(head_.target()) + '[' + sink_.bytes + ']');
        is_over_ = !head_.wants_keep_alive();
        if (is_over_ && !is_next) say("close");
        is_in_body_ = false;
        parser_.reset();
        return true;
    }

    bool refuse(http::ParseError error) {
        say(std::to_string(http::status_of(error)));
        is_over_ = true;
        return false;
    }

    void say(const std::string& what) { text_ += (text_.empty() ? "" : " + ") + what; }

    http::HeadParser parser_{http::Limits{}, http::ParsePolicy{}};
    http::BodyDecoder decoder_{http::Limits{}};
    http::RequestHead head_;
    StringSink sink_;
    std::string text_;
    bool is_in_body_ = false;
    bool is_over_ = false;
};

TEST_CASE("every request of the smuggling table has the outcome that the table requires, however it is cut") {
    const std::vector<Case> cases = read_table();
    CHECK(cases.size() >= 250);
    std::set<std::string> names;
    for (const Case& one : cases) {
        INFO(one.name);
        CHECK(names.insert(one.name).second);
        int wrong = 0;
        grind(one.bytes + std::string(kNext), [&](const Pieces& pieces) {
            Reader reader;
            for (std::size_t i = 0; i < pieces.size(); ++i) reader.feed(pieces[i]);
            if (reader.outcome() != one.outcome && ++wrong == 1) CHECK(reader.outcome() == one.outcome);
        });
        CHECK(wrong == 0);
    }
}

}  // namespace
}  // namespace gunicorn::test
