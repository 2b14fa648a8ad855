// The entry of libFuzzer for the target that GN_FUZZ_TARGET names.

#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.h"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    gunicorn::fuzz::GN_FUZZ_TARGET(std::string_view(reinterpret_cast<const char*>(data), size));
    return 0;
}
