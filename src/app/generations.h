#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "app/preparation.h"
#include "app/process_state.h"
#include "config/report/config_dump.h"
#include "python/configuration_modules.h"
#include "python/runtime.h"
#include "server/arbiter/generation.h"
#include "server/arbiter/start_context.h"

namespace gunicorn::app {

/// A generation with everything that its settings refer to.
class LoadedGeneration final : public server::Generation {
public:
    /// Runs the configuration files. `sources` have been read.
    LoadedGeneration(std::uint32_t number, std::unique_ptr<CommandSources> sources);
    ~LoadedGeneration() override;

    [[nodiscard]] const CommandSources& sources() const noexcept { return *sources_; }
    [[nodiscard]] Preparation& preparation() noexcept { return preparation_; }
    [[nodiscard]] const Preparation& preparation() const noexcept { return preparation_; }
    [[nodiscard]] python::ConfigurationModules& modules() const noexcept { return modules_; }
    /// Every value as the configuration has it, for comparing.
    [[nodiscard]] const config::ConfigDump& dump() const noexcept { return dump_; }
    /// "module:name"; empty for a paste file.
    [[nodiscard]] std::string application() const { return preparation_.application().uri; }

    /// The configuration is in order: settings and hooks have their final place, and `runtime` knows the generation.
    Result<void> join(python::Runtime& runtime);
    [[nodiscard]] python::GenerationView view() noexcept {
        return {number, &settings, &preparation_.objects(), &preparation_.context()};
    }
    /// Opens the logs that the settings name. Entered.
    Result<void> open_logs();
    /// Before the logs, whose lines are counted. Answers why statsd_host gets no metrics; empty when it does, or is not set.
    /// **Blocks** for the name of the host.
    Result<std::string> open_metrics();

private:
    friend class Generations;
    /// Goes last, when nothing refers to Python objects of the generation any more.
    struct Remains {
        python::Runtime* runtime = nullptr;
        ~Remains() {
            if (runtime != nullptr) runtime->collect_garbage();
        }
    };
    Remains remains_;
    std::unique_ptr<CommandSources> sources_;
    mutable python::ConfigurationModules modules_;
    Preparation preparation_;
    config::ConfigDump dump_;
};

/// The generations of one server: the first comes from the start, the others from reloads. GIL held for everything.
class Generations final : public server::GenerationLoader {
public:
    /// `arguments`: argv, the program first, as it is read again.
    Generations(std::vector<std::string> arguments, const server::StartContext& start, ProcessState& process)
        : arguments_(std::move(arguments)), start_(start), process_(process) {}

    /// The first generation is entered; it has joined `runtime`.
    void begin(const LoadedGeneration& first, python::Runtime& runtime) {
        entered_ = &first;
        runtime_ = &runtime;
    }

    Result<std::unique_ptr<server::Generation>> load(std::uint32_t number, const server::Generation& running) override;
    Result<void> enter(const server::Generation& generation) override;
    void (*interrupter())() override;
    void forget_interrupts() override;

private:
    Result<std::unique_ptr<LoadedGeneration>> read(std::uint32_t number);
    Result<void> complete(LoadedGeneration& loaded, const LoadedGeneration& running);

    std::vector<std::string> arguments_;
    const server::StartContext& start_;
    ProcessState& process_;
    python::Runtime* runtime_ = nullptr;
    const LoadedGeneration* entered_ = nullptr;
};

/// What a start and a reload judge of a configuration that was read, besides what reading it found; sys.path has its folders
/// then. GIL held.
Result<void> judge_start(LoadedGeneration& loaded, ProcessState& process, const server::StartContext& start);

}  // namespace gunicorn::app
