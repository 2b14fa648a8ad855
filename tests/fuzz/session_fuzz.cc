// A whole connection: the first bytes are policy, what the application does, and what happens in which order; the
// others are what the client sends, request after request.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/assert.h"
#include "fuzz/fuzz_target.h"
#include "http/response_encoder.h"
#include "support/session_world.h"
#include "support/wire_response.h"

namespace gunicorn::fuzz {
namespace {

using test::Answer;
using test::Peer;
using test::SessionWorld;
using test::Way;

constexpr std::size_t kAnswers = 4;
constexpr std::size_t kAnswerBytes = 3;
constexpr std::size_t kEvents = 19;
constexpr std::size_t kHeader = 1 + kAnswers * kAnswerBytes + kEvents;
constexpr std::size_t kFileSize = 50'000;

/// A file that many answers share; it lives as long as the process.
int shared_file() {
    static const int file = [] {
        const int fd = ::memfd_create("answer", MFD_CLOEXEC);
        const std::string content(kFileSize, 'f');
        GN_ASSERT(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
                  "memory takes it");
        return fd;
    }();
    return file;
}

server::AccessLog& shared_access_log() {
    static server::AccessLog log = *server::AccessLog::create(
        "/dev/null",
        *server::AccessFormat::compile(R"(%(h)s %(r)s %(m)s %(U)s %(q)s %(H)s %(s)s %(b)s %({host}i)s %({x}o)s)"));
    return log;
}

Answer answer_of(std::string_view bytes) {
    const auto shape = static_cast<unsigned char>(bytes[0]);
    const auto sizes = static_cast<unsigned char>(bytes[1]);
    const auto ways = static_cast<unsigned char>(bytes[2]);
    constexpr const char* kStatuses[] = {"200 OK", "404 Not Found", "204 No Content", "304 Not Modified"};
    constexpr std::size_t kSizes[] = {0, 1, 300, 5'000};
    Answer answer;
    answer.status = kStatuses[shape & 3U];
    std::size_t total = 0;
    if ((shape & 4U) != 0) {
        total = (sizes & 1U) != 0 ? kFileSize : sizes * 100U;
        // Half of them are longer than the file is: it was cut behind the back of the application.
        answer.file = gateway::FilePart{shared_file(), (sizes & 2U) != 0 ? kFileSize - total / 2 : 0, total};
        answer.known_length = total;
    } else {
        for (unsigned i = 0; i < ((ways >> 2U) & 3U); ++i) {
            answer.pieces.emplace_back(kSizes[(sizes >> (2 * i)) & 3U], static_cast<char>('a' + i));
            total += answer.pieces.back().size();
        }
        if ((ways & 16U) != 0) answer.known_length = total;
    }
    answer.way = (ways & 1U) != 0 ? Way::posted : Way::pulled;
    if ((ways & 2U) != 0 && answer.way == Way::pulled) answer.written = std::min<std::size_t>(answer.pieces.size(), 2);
    if ((ways & 32U) != 0) answer.fails_before = (ways >> 6U) & 3U;
    const auto declare = [&](std::size_t length) {
        answer.fields.emplace_back("Content-Length", std::to_string(length));
    };
    switch ((shape >> 3U) & 3U) {
        case 1: declare(total); break;
        case 2: declare(total + 7); break;
        case 3: declare(total / 2); break;
        default: break;
    }
    return answer;
}

/// What an answer is on the wire, when nothing cuts it.
struct Expected {
    int status = 0;
    std::string body;
    bool is_complete = true;
    bool goes_on = true;  ///< when the client wants to
};

Expected expected_of(const Answer& answer, const test::Submitted& request) {
    Expected expected;
    bool fails = false;
    bool has_head = false;
    if (answer.file && !(answer.fails_before == 0U)) {
        const std::size_t there = kFileSize - std::min<std::size_t>(kFileSize, answer.file->offset);
        expected.body = std::string(std::min<std::size_t>(answer.file->size, there), 'f');
        fails = there < answer.file->size;
        has_head = true;
    } else {
        for (std::size_t i = 0; i <= answer.pieces.size() && !fails; ++i) {
            fails = answer.fails_before == i;
            if (!fails && i < answer.pieces.size()) expected.body += answer.pieces[i];
        }
        has_head = !fails || !expected.body.empty();
    }
    if (!has_head) return {.status = 500, .body = {}, .is_complete = true, .goes_on = false};
    expected.status = std::stoi(answer.status);
    std::optional<std::uint64_t> length = answer.known_length;
    for (std::size_t i = 0; i < answer.written && answer.fails_before != i; ++i) {
        if (!answer.pieces[i].empty()) length.reset();  // write() sends the head before anybody knows
    }
    if (!answer.fields.empty()) length = std::stoull(answer.fields[0].second);
    // What was cut off the end of a file, past the length that was declared, does no harm.
    if (answer.file && length && *length <= expected.body.size()) fails = false;
    const bool has_no_body = request.method == "HEAD" || expected.status == 204 || expected.status == 304;
    if (has_no_body) {
        expected.body.clear();
        if (answer.file) fails = false;
    } else if (length) {
        expected.is_complete = expected.body.size() >= *length;
        expected.body.resize(std::min<std::size_t>(expected.body.size(), *length));
    } else if (request.version >= http::kHttp11) {
        expected.is_complete = !fails;
    }
    expected.goes_on = !fails && expected.is_complete;
    return expected;
}

class Scenario {
public:
    explicit Scenario(std::string_view bytes)
        : flags_(static_cast<unsigned char>(bytes[0])),
          events_(bytes.substr(1 + kAnswers * kAnswerBytes, kEvents)),
          message_(bytes.substr(kHeader)),
          world_(options()) {
        world_.application.answers.clear();
        for (std::size_t i = 0; i < kAnswers; ++i) {
            world_.application.answers.push_back(answer_of(bytes.substr(1 + i * kAnswerBytes, kAnswerBytes)));
        }
        world_.keeps_alive = (flags_ & 1U) == 0;
        world_.may_name_client = (flags_ & 64U) != 0;
        world_.access = &shared_access_log();
    }

    void run() {
        const std::string in_one_go = run_in_one_go();
        check_sequence(in_one_go);
        const std::vector<test::Submitted> submitted = std::exchange(world_.application.submitted, {});
        world_.kept.lines.clear();
        world_.responses = 0;
        const std::string in_pieces = run_in_pieces();
        check_prefix(in_pieces, in_one_go, submitted);
    }

private:
    [[nodiscard]] server::ProtocolOptions options() const {
        server::ProtocolOptions options;
        if ((flags_ & 2U) != 0) options.limits = {.request_line = 100, .fields = 5, .field_size = 100, .body = 1000};
        if ((flags_ & 4U) != 0) options.headers.header_map = http::HeaderMap::refuse;
        options.show_tracebacks = (flags_ & 8U) != 0;
        if ((flags_ & 32U) != 0) options.proxy_mode = http::ProxyMode::any;
        if ((flags_ & 128U) != 0) options.forwarded_for_header = "X-Forwarded-For";
        return options;
    }
    [[nodiscard]] bool is_trusted() const { return (flags_ & 16U) != 0; }

    std::string run_in_one_go() {
        Peer peer;
        peer.send(message_);
        peer.end();
        world_.connect(peer, is_trusted());
        world_.settle(peer);
        check_end();
        GN_ASSERT(peer.is_closed(), "the connection is closed when all is said");
        return peer.received();
    }

    /// Each event is two bits of kind and six of amount.
    std::string run_in_pieces() {
        Peer peer;
        std::string_view rest = message_;
        peer.set_room(0);
        world_.connect(peer, is_trusted());
        for (const char event : events_) {
            const auto amount = static_cast<unsigned char>(event) & 63U;
            switch (static_cast<unsigned char>(event) >> 6U) {
                case 0:
                    peer.send(rest.substr(0, amount));
                    rest.remove_prefix(std::min<std::size_t>(amount, rest.size()));
                    break;
                case 1: peer.add_room(amount * amount); break;
                case 2:
                    for (unsigned i = 0; i < amount && world_.advance(peer); ++i) {
                    }
                    break;
                default:
                    if (amount == 1) {
                        peer.reset();
                        is_cut_ = true;
                    } else if (amount == 2) {
                        world_.let_time_pass(peer);
                        is_cut_ = true;
                    } else {
                        peer.send(rest.substr(0, amount * 100));
                        rest.remove_prefix(std::min<std::size_t>(amount * 100, rest.size()));
                    }
            }
        }
        while (!rest.empty()) {  // byte by byte
            peer.send(rest.substr(0, 1));
            rest.remove_prefix(1);
            peer.add_room(3);
            world_.settle(peer);
        }
        peer.set_room(Peer::kUnlimited);
        peer.end();
        world_.settle(peer);
        check_end();
        return peer.received();
    }

    void check_end() const {
        GN_ASSERT(!world_.session.is_open(), "a connection ends when its peer has ended and reads");
        GN_ASSERT(world_.responses == static_cast<int>(world_.application.submitted.size()),
                  "every request is done once");
        std::size_t most =
            world_.application.submitted.size() + 1;  // a file that cannot be sent is told; so is one refusal
        GN_ASSERT(world_.kept.lines.size() <= most, "no more than one line a request is logged");
    }

    /// The wire without interim responses; a client that counts responses must skip them.
    static std::string without_interim(std::string wire, std::size_t& count) {
        for (std::size_t at = 0; (at = wire.find(http::kContinueResponse, at)) != std::string::npos; ++count) {
            wire.erase(at, http::kContinueResponse.size());
        }
        return wire;
    }

    /// The wire holds the answers to the requests, in order, and perhaps one refusal behind them.
    void check_sequence(const std::string& wire) const {
        std::size_t interim = 0;
        const std::string finals = without_interim(wire, interim);
        std::string_view rest = finals;
        const auto& submitted = world_.application.submitted;
        bool goes_on = true;
        for (std::size_t i = 0; i < submitted.size(); ++i) {
            GN_ASSERT(goes_on, "behind a close nothing is parsed");
            const Expected expected = expected_of(world_.application.answer_to(i), submitted[i]);
            const auto response = test::take_response(rest, submitted[i].method == "HEAD");
            GN_ASSERT(response, "what is sent are responses");
            GN_ASSERT(response->status == expected.status, "the status is the application's");
            GN_ASSERT(response->is_complete == expected.is_complete, "an answer that was cut does not look complete");
            GN_ASSERT(expected.status == 500 || response->body == expected.body, "the body is the application's");
            goes_on = expected.goes_on && !response->says_close && !response->ends_with_the_connection;
            GN_ASSERT(world_.keeps_alive || response->says_close || !expected.goes_on, "who closes says so");
        }
        if (rest.empty()) return;
        GN_ASSERT(goes_on, "behind a close nothing is answered");
        // Whether what was refused was a HEAD request, the server knows better.
        const std::string_view last = rest;
        auto refusal = test::take_response(rest, false);
        if (refusal && !refusal->is_complete && message_.find("HEAD") != std::string_view::npos) {
            rest = last;
            refusal = test::take_response(rest, true);
        }
        GN_ASSERT(refusal && refusal->status >= 400 && refusal->is_complete && refusal->says_close,
                  "a refusal is a response");
        GN_ASSERT(rest.empty(), "a refusal is the last response");
    }

    /// The outcome does not depend on cuts, on room and on the order of events; where the connection was cut, the
    /// answers up to there are the same.
    void check_prefix(const std::string& wire, const std::string& reference,
                      const std::vector<test::Submitted>& submitted) {
        const auto& now = world_.application.submitted;
        GN_ASSERT(now.size() <= submitted.size() && std::equal(now.begin(), now.end(), submitted.begin()),
                  "the application gets the same requests");
        std::size_t interim = 0;
        std::size_t ignored = 0;
        std::string finals = without_interim(wire, interim);
        const std::string expected = without_interim(reference, ignored);
        GN_ASSERT(interim <= now.size() + 1, "no more than one interim response a request");
        if (!is_cut_) {
            GN_ASSERT(now.size() == submitted.size(), "the application gets all requests");
            GN_ASSERT(finals == expected, "the same bytes are sent");
            return;
        }
        std::size_t same = 0;
        while (same < finals.size() && same < expected.size() && finals[same] == expected[same]) ++same;
        if (same == finals.size()) return;
        // What is new begins with the last response, or with the first byte that nobody expected.
        const std::size_t start = std::min(finals.rfind("HTTP/1.1 ", same), same);
        const std::string_view last = std::string_view(finals).substr(start);
        const auto may_be = [last](std::string_view head) { return last.starts_with(head) || head.starts_with(last); };
        GN_ASSERT(may_be("HTTP/1.1 408 ") || http::kContinueResponse.starts_with(last),
                  "only a timeout is new, or an interim response that was cut");
    }

    unsigned flags_;
    std::string_view events_;
    std::string_view message_;
    SessionWorld world_;
    bool is_cut_ = false;
};

}  // namespace

void session(std::string_view bytes) {
    if (bytes.size() < kHeader) return;
    Scenario(bytes).run();
}

}  // namespace gunicorn::fuzz
