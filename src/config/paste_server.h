#pragma once

#include "config/ini_document.h"
#include "config/paste_source.h"
#include "config/source.h"

namespace gunicorn::config {

/// What a document without problems says about the server; the rules are in paste_source.h.
[[nodiscard]] SourceReading read_paste_server(const IniDocument& document, const PasteSpec& spec,
                                              const PasteSource::GlobalConf& global_conf);

}  // namespace gunicorn::config
