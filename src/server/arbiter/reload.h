#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/log_sink.h"
#include "server/arbiter/bound_listeners.h"
#include "server/arbiter/check_process.h"
#include "server/arbiter/generation.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"
#include "server/arbiter/tls_material.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// HUP: from the running generation to another one, or back. A check in a fresh process; a new generation beside the old; a
/// trial worker of it; and then the others, one by one. It owns the generations; plan() decides who boots and who goes, and
/// the arbiter does what is between a configuration that was read and the trial.
class Reload {
public:
    struct Services {
        GenerationLoader* loader = nullptr;
        const StartContext* start = nullptr;
        Duration check_limit{0};           ///< of the check, and of reading the configuration; zero: none
        std::function<bool()> owns_files;  ///< of unix sockets: no other master needs them
    };

    /// Everything outlives it.
    Reload(std::unique_ptr<Generation> first, const Services& services, Policy& policy, ProcessTable& workers)
        : services_(services),
          policy_(policy),
          workers_(workers),
          wanted_(std::move(first)),
          last_number_(wanted_->number) {}
    Reload(const Reload&) = delete;
    Reload& operator=(const Reload&) = delete;
    ~Reload();  // contexts go before the ticket keys

    /// The first generation gets its TLS. Before the first fork; `board` outlives it.
    Result<void> start(Scoreboard& board);

    /// What new workers are of, and whose hooks the master calls: the new one already while it is on trial.
    [[nodiscard]] Generation& generation() noexcept { return *wanted_; }
    [[nodiscard]] const Generation& generation() const noexcept { return *wanted_; }
    /// That of generation(), whichever that is when something is written.
    [[nodiscard]] gateway::LogSink& log() noexcept { return log_; }
    /// What serves until the trial is over; the same one when nothing is on trial.
    [[nodiscard]] const Generation& running() const noexcept { return fallback_ ? *fallback_ : *wanted_; }
    /// The one with that number: of a worker that is about to be forked.
    [[nodiscard]] Generation& generation(std::uint64_t number) noexcept;

    /// HUP came. However many come while one is under way, one more follows.
    void request(const std::string& master_name);
    /// Nothing of it happens any more: the server stops.
    void cancel();

    /// From HUP until its outcome is known.
    [[nodiscard]] bool is_under_way() const noexcept { return requested_ || phase_ != Phase::idle; }
    /// Of the last one: "Reload complete", "Reload given up".
    [[nodiscard]] std::string_view outcome() const noexcept { return outcome_; }
    [[nodiscard]] std::uint64_t completed() const noexcept { return completed_; }
    [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }

    /// In the master's loop, when the plan has been carried out. True when a new configuration may be loaded: the check has
    /// passed. Its failure has been logged.
    bool advance(TimePoint now);
    /// To be waited for; -1: nothing.
    [[nodiscard]] std::array<int, 2> fds() const noexcept;

    /// Opens the logs of every generation again.
    void reopen_logs();

    /// Loads the new generation, which is in generation() from then on. Goes on with begin(), or back with give_up().
    Result<void> load();
    /// The new generation is complete: its trial begins. `running` is what served until now.
    void begin(const Fallback& running);
    /// Back to what was before load(); also answers AbandonGeneration. Its listeners are closed, its log goes.
    void give_up(const std::string& reason);

    /// The server stops, or has stopped.
    void close_all_listeners() noexcept;
    /// The server has stopped: nobody asks any more.
    void close_status_listeners() noexcept;

    /// In a new worker, before anything else of it: the process is one of the generation.
    Result<void> become_worker_of(std::uint64_t number);

private:
    enum class Phase { idle, checking, loading, replacing };

    [[nodiscard]] bool may_start(TimePoint now) const;
    void start_check(TimePoint now);
    bool finish_check(TimePoint now);
    void refuse(const std::string& reason);
    void drop_fallback();
    [[nodiscard]] SocketFiles files() const;

    class CurrentLog final : public gateway::LogSink {
    public:
        explicit CurrentLog(const Reload& reload) : reload_(reload) {}
        void write(gateway::LogLevel level, std::string_view message) override { current().write(level, message); }
        [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override { return current().is_enabled(level); }
        void reopen() override { current().reopen(); }
        [[nodiscard]] int fd() const override { return current().fd(); }

    private:
        [[nodiscard]] gateway::LogSink& current() const noexcept { return *reload_.wanted_->log; }
        const Reload& reload_;
    };

    Services services_;
    CurrentLog log_{*this};
    Policy& policy_;
    ProcessTable& workers_;
    TlsMaterial tls_;
    Scoreboard* board_ = nullptr;
    std::unique_ptr<Generation> wanted_;
    std::unique_ptr<Generation> fallback_;  // while there is a way back
    std::uint32_t last_number_ = 0;         // given up ones count
    std::optional<CheckProcess> check_;
    Phase phase_ = Phase::idle;
    bool requested_ = false;
    std::string_view outcome_;
    std::uint64_t completed_ = 0;
    std::uint64_t given_up_ = 0;
};

}  // namespace gunicorn::server
