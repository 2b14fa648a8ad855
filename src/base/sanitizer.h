#pragma once

namespace gunicorn {

/// Whether this build has a sanitizer that handles the signals of faults itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kHasSanitizer = true;
#else
inline constexpr bool kHasSanitizer = false;
#endif

}  // namespace gunicorn
