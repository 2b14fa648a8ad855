#pragma once
// Checks of settings that need code: what is bundled, and suggestions. Rules that are data are in rules.h.

#include <span>
#include <string>

#include "base/diagnostic.h"
#include "config/registry.h"

namespace gunicorn::config {

/// Every finding carries the origin of the setting that has to change. A rule about a setting in `refused`, of which
/// somebody's value was not accepted, is left out: what the settings hold there is not what was meant.
[[nodiscard]] Diagnostics cross_checks(const Settings& settings, std::span<const SettingId> refused = {});

/// The bundled worker class that runs: "sync", "gthread", "gevent" ... Understands "egg:gunicorn#sync", "#sync" and
/// "gunicorn.workers.sync.SyncWorker". sync with more than one thread is gthread (Gunicorn: Config.worker_class_str). Empty
/// for a class object and for a name that is not bundled.
[[nodiscard]] std::string effective_worker_class_name(const Settings& settings);

/// Whether the master loads the application (preload_app). Not with `reload`: workers would all have the code that the master
/// has, and never that of an edit.
[[nodiscard]] inline bool is_preloaded(const Settings& settings) { return settings.preload_app && !settings.reload; }

}  // namespace gunicorn::config
