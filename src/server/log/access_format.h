#pragma once
// access_log_format, compiled once. Python's %-formatting with a dictionary, as far as it makes sense for a log line:
// %(name)s with flags, width and precision, %(name)d and %(name)f of the whole numbers B b T D M, and %%.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/access_record.h"

namespace gunicorn::server {

/// What a name that is no atom does. Gunicorn prints "-" for it.
enum class UnknownAtoms { refuse, print_dash };

/// The format that is no text with atoms: append_access_json() prints the line.
inline constexpr std::string_view kJsonFormat = "json";

class AccessFormat {
public:
    /// The atoms of Gunicorn's Logger.atoms: h l u t r m U q H s B b f a T D M L p {header}i {header}o {variable}e. The
    /// error names the atom and the one that was probably meant. Or kJsonFormat.
    static Result<AccessFormat> compile(std::string_view format, UnknownAtoms unknown = UnknownAtoms::refuse);

    /// Appends the line without "\n". In a text format everything that a client or the application said is escaped: `"` and `\` get a `\`,
    /// bytes outside printable ASCII become \xHH. What is missing is "-". Touches no state: any thread.
    void print(const gateway::AccessRecord& record, std::string& out) const;

    /// The lower-case names of all {variable}e, in order: who owns the environ keeps only these.
    [[nodiscard]] const std::vector<std::string>& environ_names() const noexcept { return environ_names_; }

private:
    enum class Atom : std::uint8_t {
        literal,
        dash,  // %(l)s, and names that are no atoms
        remote_addr,
        user,
        date,
        request_line,
        method,
        path,
        query,
        protocol,
        status,
        bytes,
        seconds,
        microseconds,
        milliseconds,
        decimal_seconds,
        pid,
        request_header,
        response_header,
        environ_value,
    };
    struct Piece {
        Atom atom = Atom::literal;
        std::string text;  // of a literal; the lower-case name of a header or variable
        bool left = false;
        bool zeros = false;
        std::uint16_t width = 0;
        int precision = -1;  // of text: the longest
        int decimals = 0;    // zeros behind a whole number
    };
    struct Scanner;

    void append_atom(const Piece& piece, const gateway::AccessRecord& record, std::string& out) const;

    bool is_json_ = false;
    std::vector<Piece> pieces_;
    std::vector<std::string> environ_names_;
};

/// Appends client text as print() does in a text format.
void append_escaped(std::string_view text, std::string& out);
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace gunicorn::server
