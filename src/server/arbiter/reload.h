#pragma once

#include <cstdint>
#include <memory>

#include "gateway/log_sink.h"
#include "server/arbiter/generation.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"
#include "server/arbiter/tls_material.h"

namespace gunicorn::server {

/// HUP: from the running generation to another one, or back. plan() decides who boots and who goes; here is what a
/// generation is made of, and what is said about it. Until the configuration is read again, that is the TLS material;
/// application code is new because workers are.
class Reload {
public:
    /// All outlive it.
    Reload(Generation& generation, Policy& policy, ProcessTable& workers, gateway::LogSink& log)
        : generation_(generation), policy_(policy), workers_(workers), log_(log) {}
    Reload(const Reload&) = delete;
    Reload& operator=(const Reload&) = delete;
    ~Reload() { generation_.tls.reset(); }  // contexts go before the ticket keys

    /// The first generation gets its TLS. Before the first fork.
    Result<void> start();

    /// HUP came. However many come while one is under way, one more follows.
    void request();
    [[nodiscard]] bool is_due() const { return requested_ && !policy_.stop && !is_replacing(workers_, policy_); }
    /// What a reload reads anew; null where there is nothing. Takes the request, and says what is not read.
    Result<std::unique_ptr<TlsContext>> read_again();
    /// Goes on with refuse() or with begin(); `running` is what served until now.
    void refuse(const Error& error);
    void begin(std::unique_ptr<TlsContext> tls, const Fallback& running);

    /// In the master's loop, when the plan has been carried out.
    void on_tick(TimePoint now);
    /// AbandonGeneration.
    void go_back_after(const BootFailure& failure);
    /// In a new worker: it is of the wanted generation, or of the fallback.
    void become_worker_of(std::uint64_t generation);

private:
    Generation& generation_;  // the wanted one
    Policy& policy_;
    ProcessTable& workers_;
    gateway::LogSink& log_;
    TlsMaterial tls_;
    std::unique_ptr<TlsContext> fallback_tls_;  // while there is a fallback
    std::uint32_t last_number_ = 0;             // given up ones count
    bool requested_ = false;
    bool under_way_ = false;
};

}  // namespace gunicorn::server
