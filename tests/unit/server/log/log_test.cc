// log_file, log_date, error_log and access_log against real files.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

#include "server/log/access_log.h"
#include "server/log/error_log.h"
#include "server/log/log_date.h"
#include "server/log/log_file.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using gateway::LogLevel;
using testing::read_text;
using testing::TempDir;
using testing::write_text;

/// The zone of this process while it lives. Each test uses dates of its own: offsets are remembered for a quarter of an
/// hour.
struct Zone {
    explicit Zone(const char* name) { ::setenv("TZ", name, 1); }
    ~Zone() { ::setenv("TZ", "UTC", 1); }
};

std::string error_date(std::int64_t seconds) {
    std::string out;
    append_error_date(WallClock::time_point(std::chrono::seconds(seconds)), out);
    return out;
}

std::string access_date(std::int64_t seconds) {
    std::string out;
    append_access_date(WallClock::time_point(std::chrono::seconds(seconds)), out);
    return out;
}

TEST_CASE("dates have the local zone's offset") {
    {
        const Zone zone("UTC");
        CHECK(error_date(1'795'326'350) == "[2026-11-22 05:45:50 +0000]");
        CHECK(access_date(1'795'326'608) == "[22/Nov/2026:05:50:08 +0000]");
        CHECK(error_date(951'782'400) == "[2000-02-29 00:00:00 +0000]");
    }
    {
        const Zone zone("XXX-05:30");  // POSIX: west is positive
        CHECK(error_date(1'600'000'000) == "[2020-09-13 17:56:40 +0530]");
    }
    {
        const Zone zone("NNN+3:30");
        CHECK(access_date(1'600'100'000) == "[14/Sep/2020:12:43:20 -0330]");
    }
}

TEST_CASE("dates follow daylight saving time") {
    const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK(error_date(1'679'792'399) == "[2023-03-26 01:59:59 +0100]");
    CHECK(error_date(1'679'792'400) == "[2023-03-26 03:00:00 +0200]");
}

TEST_CASE("dates are those of the C library") {
    const Zone zone("UTC");
    for (std::int64_t seconds = 0; seconds < 4'000'000'000; seconds += 39'916'801) {
        const auto when = static_cast<std::time_t>(seconds);
        char expected[64];
        std::tm parts{};
        std::strftime(expected, sizeof expected, "[%d/%b/%Y:%H:%M:%S +0000]", ::gmtime_r(&when, &parts));
        CHECK(access_date(seconds) == expected);
    }
}

TEST_CASE("a line of the error log") {
    const TempDir dir;
    const Zone zone("UTC");
    auto log = ErrorLog::create(dir.path("error.log"), LogLevel::info);
    REQUIRE(log);
    (*log)->warning("Handling signal: term");
    std::string text = read_text(dir.path("error.log"));
    for (char& c : text) c = c >= '0' && c <= '9' ? 'd' : c;
    const std::string pid(std::to_string(::getpid()).size(), 'd');
    CHECK(text == "[dddd-dd-dd dd:dd:dd +dddd] [" + pid + "] [WARNING] Handling signal: term\n");
}

TEST_CASE("records below the level are dropped") {
    const TempDir dir;
    auto log = ErrorLog::create(dir.path("error.log"), LogLevel::warning);
    REQUIRE(log);
    (*log)->debug("d");
    (*log)->info("i");
    CHECK(read_text(dir.path("error.log")).empty());
    CHECK_FALSE((*log)->is_enabled(LogLevel::info));
    CHECK((*log)->is_enabled(LogLevel::critical));
    (*log)->critical("c");
    CHECK(read_text(dir.path("error.log")).find("[CRITICAL] c\n") != std::string::npos);
}

TEST_CASE("level names in any case; strange ones are info") {
    CHECK(level_named("DEBUG") == LogLevel::debug);
    CHECK(level_named("Warning") == LogLevel::warning);
    CHECK(level_named("error") == LogLevel::error);
    CHECK(level_named("critical") == LogLevel::critical);
    CHECK(level_named("bogus") == LogLevel::info);
}

TEST_CASE("a log that cannot be opened is an error with Gunicorn's text") {
    const TempDir dir;
    auto log = ErrorLog::create(dir.path("none/error.log"), LogLevel::info);
    REQUIRE_FALSE(log);
    CHECK(log.error().code == ENOENT);
    CHECK(log.error().message ==
          "Error: '" + dir.path("none/error.log") + "' isn't writable [FileNotFoundError(2, 'No such file or directory')]");
    auto directory = check_writable(dir.path());
    REQUIRE_FALSE(directory);
    CHECK(directory.error().message ==
          "Error: '" + dir.path() + "' isn't writable [IsADirectoryError(21, 'Is a directory')]");
    CHECK(check_writable(dir.path("fine.log")));
}

TEST_CASE("reopening follows a renamed file, under the same descriptor") {
    const TempDir dir;
    auto file = LogFile::open(dir.path("a.log"), StandardStream::error);
    REQUIRE(file);
    const int fd = file->fd();
    file->write("one\n");
    std::filesystem::rename(dir.path("a.log"), dir.path("a.log.1"));
    file->write("two\n");
    REQUIRE(file->reopen());
    file->write("three\n");
    CHECK(file->fd() == fd);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(read_text(dir.path("a.log.1")) == "one\ntwo\n");
    CHECK(read_text(dir.path("a.log")) == "three\n");
}

TEST_CASE("when reopening fails the old file stays in use and the log says so") {
    const TempDir dir;
    std::filesystem::create_directory(dir.path("logs"));
    auto log = ErrorLog::create(dir.path("logs/error.log"), LogLevel::info);
    REQUIRE(log);
    std::filesystem::rename(dir.path("logs"), dir.path("old"));
    (*log)->reopen();
    CHECK(read_text(dir.path("old/error.log")).find("isn't writable") != std::string::npos);
}

TEST_CASE("a log file has its owner, also after it was opened again, and a device keeps its own") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give files away");
        return;
    }
    const auto owner_of = [](const std::string& path) {
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        return std::pair(status.st_uid, status.st_gid);
    };
    CHECK_FALSE(owner_of_logs(0, ::getegid()));
    const auto owner = owner_of_logs(65534, 65533);
    REQUIRE(owner);
    const TempDir dir;
    auto file = LogFile::open(dir.path("a.log"), StandardStream::error, owner);
    REQUIRE(file);
    CHECK(owner_of(dir.path("a.log")) == std::pair(uid_t{65534}, gid_t{65533}));
    std::filesystem::remove(dir.path("a.log"));
    LogFile moved = *std::move(file);
    CHECK(moved.reopen());
    CHECK(owner_of(dir.path("a.log")) == std::pair(uid_t{65534}, gid_t{65533}));
    CHECK(LogFile::open("/dev/null", StandardStream::error, owner));
    CHECK(owner_of("/dev/null").first == 0);
}

TEST_CASE("a relative path stays where it was when the working directory changes") {
    const TempDir dir;
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(dir.path());
    auto file = LogFile::open("a.log", StandardStream::error);
    std::filesystem::current_path(before);
    REQUIRE(file);
    CHECK(file->reopen());
    file->write("x\n");
    CHECK(read_text(dir.path("a.log")) == "x\n");
}

TEST_CASE("files are appended to") {
    const TempDir dir;
    write_text(dir.path("a.log"), "before\n");
    auto file = LogFile::open(dir.path("a.log"), StandardStream::error);
    REQUIRE(file);
    file->write("after\n");
    CHECK(read_text(dir.path("a.log")) == "before\nafter\n");
}

TEST_CASE("a dash is the standard stream, which is never reopened") {
    auto error = LogFile::open("-", StandardStream::error);
    auto output = LogFile::open("-", StandardStream::output);
    REQUIRE(error);
    REQUIRE(output);
    CHECK(error->fd() == STDERR_FILENO);
    CHECK(output->fd() == STDOUT_FILENO);
    CHECK(output->reopen());
    CHECK(output->is_standard_stream());
}

TEST_CASE("a full disk costs lines, which are counted, and logging goes on") {
    auto full = LogFile::open("/dev/full", StandardStream::error);
    REQUIRE(full);
    full->write("one\ntwo\n");
    full->write("three\n");
    CHECK(full->lost() == 3);
}

TEST_CASE("a line that was cut is ended before the next one") {
    const TempDir dir;
    auto file = LogFile::open(dir.path("a.log"), StandardStream::error);
    REQUIRE(file);
    // RLIMIT_FSIZE cuts a write as a full disk does.
    struct sigaction ignore {};
    struct sigaction before_action {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &ignore, &before_action);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{6, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    file->write("one\ntwo\nthree\n");
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::sigaction(SIGXFSZ, &before_action, nullptr);
    CHECK(file->lost() == 2);
    file->write("four\n");
    CHECK(read_text(dir.path("a.log")) == "one\ntw\nfour\n");
}

/// A named pipe with a reader that reads only when it is told to.
struct Pipe {
    TempDir dir;
    std::string path = dir.path("pipe");
    UniqueFd reader;
    Pipe() {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        reader = UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
    }
    std::string read_all() const {
        std::string text;
        char buffer[4096];
        for (ssize_t count = 0; (count = ::read(reader.get(), buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(count));
        }
        return text;
    }
};

TEST_CASE("a pipe that nobody reads costs lines, whole ones, and never makes the writer wait") {
    Pipe pipe;
    auto file = LogFile::open(pipe.path, StandardStream::error);
    REQUIRE(file);
    CHECK((::fcntl(file->fd(), F_GETFL) & O_NONBLOCK) == 0);
    const std::string line = std::string(999, 'x') + '\n';
    for (int i = 0; i < 30; ++i) file->write(line + line + line + line + line + line + line + line + line + line);
    CHECK(file->lost() > 0);
    CHECK(file->last_error() == EAGAIN);
    const std::string text = pipe.read_all();
    CHECK(text.size() % line.size() == 0);
    CHECK(text.size() / line.size() + file->lost() == 300);
    CHECK(file->write("again\n"));
    CHECK(pipe.read_all() == "again\n");
    pipe.reader.reset();
    auto* before = ::signal(SIGPIPE, SIG_IGN);
    CHECK_FALSE(file->write("x\n"));
    ::signal(SIGPIPE, before);
    CHECK(file->last_error() == EPIPE);
}

TEST_CASE("a named pipe without a reader is an error instead of a wait") {
    Pipe pipe;
    pipe.reader.reset();
    const auto file = LogFile::open(pipe.path, StandardStream::error);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == ENXIO);
}

TEST_CASE("the error log tells how many of its lines were lost, behind the first that is not") {
    Pipe pipe;
    auto log = ErrorLog::create(pipe.path, LogLevel::info);
    REQUIRE(log);
    for (int i = 0; i < 200; ++i) (*log)->info(std::string(1000, 'x'));
    REQUIRE((*log)->lost() > 0);
    const std::uint64_t lost = (*log)->lost();
    static_cast<void>(pipe.read_all());
    (*log)->info("room");
    const std::string text = pipe.read_all();
    CHECK(text.find("[INFO] room\n") < text.find(std::to_string(lost) + " lines of the error log were lost: nobody reads it"));
    (*log)->info("on");
    CHECK(pipe.read_all().find("lost") == std::string::npos);
}

TEST_CASE("lines of several threads stay whole") {
    const TempDir dir;
    auto log = ErrorLog::create(dir.path("error.log"), LogLevel::info);
    REQUIRE(log);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) (*log)->info(std::string(50, static_cast<char>('a' + t)));
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::istringstream lines(read_text(dir.path("error.log")));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        if (line.size() < 51 || line.substr(line.size() - 50) != std::string(50, line.back())) FAIL_CHECK(line);
    }
    CHECK(count == 800);
}

AccessLog access_log(const std::string& path) {
    auto format = AccessFormat::compile("%(h)s");
    REQUIRE(format);
    auto log = AccessLog::create(path, *format);
    REQUIRE(log);
    return std::move(*log);
}

TEST_CASE("access lines are collected until they are flushed") {
    const TempDir dir;
    AccessLog log = access_log(dir.path("access.log"));
    gateway::AccessRecord record;
    record.remote_addr = "a";
    log.write(record);
    record.remote_addr = "b";
    log.write(record);
    CHECK(read_text(dir.path("access.log")).empty());
    log.flush();
    log.flush();
    CHECK(read_text(dir.path("access.log")) == "a\nb\n");
}

TEST_CASE("a full buffer is written, in whole lines") {
    const TempDir dir;
    AccessLog log = access_log(dir.path("access.log"));
    gateway::AccessRecord record;
    const std::string address(999, 'x');
    record.remote_addr = address;
    for (int i = 0; i < 17; ++i) log.write(record);
    CHECK(read_text(dir.path("access.log")).size() == 17'000);
    log.write(record);
    CHECK(read_text(dir.path("access.log")).size() == 17'000);
}

TEST_CASE("reopening the access log puts what was collected into the old file") {
    const TempDir dir;
    AccessLog log = access_log(dir.path("access.log"));
    gateway::AccessRecord record;
    log.write(record);
    std::filesystem::rename(dir.path("access.log"), dir.path("access.log.1"));
    REQUIRE(log.reopen());
    log.write(record);
    log.flush();
    CHECK(read_text(dir.path("access.log.1")) == "-\n");
    CHECK(read_text(dir.path("access.log")) == "-\n");
}

struct Told final : gateway::LogSink {
    std::vector<std::string> lines;
    void write(LogLevel, std::string_view message) override { lines.emplace_back(message); }
    [[nodiscard]] bool is_enabled(LogLevel) const override { return true; }
    void reopen() override {}
};

TEST_CASE("access lines wait for room in a pipe, within bounds, and then are lost and counted") {
    Pipe pipe;
    AccessLog log = access_log(pipe.path);
    Told told;
    log.report_to(told);
    gateway::AccessRecord record;
    const std::string address(999, 'x');
    record.remote_addr = address;
    constexpr std::size_t kKept = AccessLog::kMostKept / 1000;
    for (std::size_t i = 0; i < kKept; ++i) log.write(record);
    log.flush();
    CHECK(log.lost() == 0);
    for (std::size_t i = 0; i < kKept; ++i) log.write(record);
    CHECK(log.lost() > 0);
    log.flush();
    REQUIRE(told.lines.size() == 1);
    CHECK(told.lines[0].find("nobody reads it fast enough") != std::string::npos);
    std::size_t read = 0;
    for (std::string text = pipe.read_all(); !text.empty(); text = pipe.read_all()) {
        read += text.size();
        log.flush();
    }
    CHECK(read == (2 * kKept - log.lost()) * 1000);
    log.write(record);
    log.flush();
    REQUIRE(told.lines.size() == 2);
    CHECK(told.lines[1] == std::to_string(log.lost()) + " lines of the access log were lost: nobody reads it fast enough");
}

TEST_CASE("at its end the access log tells what was lost on a full disk") {
    AccessLog log = access_log("/dev/full");
    Told told;
    log.report_to(told);
    log.write(gateway::AccessRecord{});
    log.end();
    REQUIRE(told.lines.size() == 2);
    CHECK(told.lines[0] == "The access log cannot be written: No space left on device: lines are lost until it can");
    CHECK(told.lines[1] == "1 line of the access log was lost: No space left on device");
}

TEST_CASE("what access_log_exclude names gets no line") {
    const TempDir dir;
    AccessLog log = access_log(dir.path("access.log"));
    log.exclude(*config::AccessExclusions::compile({"/healthz 2xx"}));
    gateway::AccessRecord record{.remote_addr = "a", .path = "/healthz", .status = 204};
    log.write(record);
    record.status = 503;
    log.write(record);
    log.flush();
    CHECK(read_text(dir.path("access.log")) == "a\n");
}

TEST_CASE("a record of the error log as JSON is one line, whatever the message") {
    const TempDir dir;
    const Zone zone("UTC");
    auto log = ErrorLog::create(dir.path("error.log"), LogLevel::info, {}, LogFormat::json);
    REQUIRE(log);
    (*log)->error("Traceback\n  \"x\"\x1b\xff");
    const std::string text = read_text(dir.path("error.log"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find(R"(,"level":"ERROR","pid":)" + std::to_string(::getpid()) +
                    R"(,"logger":"gunicorn.error","message":"Traceback\n  \"x\"\u001b\ufffd"})") != std::string::npos);
}

TEST_CASE("dates of JSON lines have microseconds and the zone") {
    const Zone zone("NNN+3:30");
    std::string out;
    append_rfc3339_date(WallClock::time_point(std::chrono::seconds(1'600'200'000) + std::chrono::microseconds(1234)), out);
    CHECK(out == "2020-09-15T16:30:00.001234-03:30");
}

TEST_CASE("access lines that cannot be written are counted") {
    AccessLog log = access_log("/dev/full");
    for (int i = 0; i < 3; ++i) log.write(gateway::AccessRecord{});
    log.flush();
    CHECK(log.lost() == 3);
    CHECK_FALSE(AccessLog::create("/none/access.log", log.format()));
}

}  // namespace
}  // namespace gunicorn::server
