// asio is compiled here and nowhere else (ASIO_SEPARATE_COMPILATION).
//
// A header of the standard library comes first: asio's configuration looks at what libstdc++ has defined, and every source
// must come to the same answer (aligned_alloc with free, or new with delete).
#include <cstdlib>

#include <asio/impl/src.hpp>
