# Makes a C++ source of a text: cmake -D INPUT=... -D OUTPUT=... -D HEADER=... -D NAME=... -P embed_text.cmake
# defines the std::string_view NAME of namespace gunicorn::server, which HEADER declares.
file(READ "${INPUT}" text)
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

namespace gunicorn::server {

const std::string_view ${NAME} = R\"embedded(${text})embedded\";

}  // namespace gunicorn::server
")
