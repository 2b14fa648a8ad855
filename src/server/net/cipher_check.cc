#include "server/net/cipher_check.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "server/net/openssl_handles.h"
#include "server/net/tls_error.h"

namespace gunicorn::server {
namespace {

/// Words of ciphers(1) for what OpenSSL does not have, or can be built without. To exclude nothing with them is no slip.
constexpr std::array<std::string_view, 26> kDeparted{
    "3DES", "ADH", "AECDH", "DES",  "DSS", "EXP", "EXPORT", "EXPORT40", "EXPORT56", "FZA",  "GOST89MAC", "GOST94", "IDEA",
    "KRB5", "LOW", "MD5",   "NULL", "RC2", "RC4", "SEED",   "SSLv2",    "aDH",      "aDSS", "aECDH",     "kDH",    "kECDH"};

/// The entries of a list. What follows an `@` is a command, which may stand behind an entry without a separator.
std::vector<std::string> entries_of(std::string_view list) {
    std::vector<std::string> entries(1);
    for (const char c : list) {
        if (c == ':' || c == ',' || c == ';' || c == ' ') {
            entries.emplace_back();
            continue;
        }
        if (c == '@') entries.emplace_back();
        entries.back() += c;
    }
    std::erase_if(entries, [](const std::string& one) { return one.empty() || one[0] == '@'; });
    return entries;
}

class Judge {
public:
    Judge() : context_(::SSL_CTX_new(::TLS_server_method())) { ::SSL_CTX_set_security_level(context_.get(), 0); }

    bool selects_something(const std::string& list) { return ::SSL_CTX_set_cipher_list(context_.get(), list.c_str()) == 1; }

private:
    SslContextHandle context_;
};

/// What OpenSSL calls a cipher whose name is one of the RFCs: "ECDHE-RSA-AES128-GCM-SHA256".
std::string own_name_of(const std::string& name) {
    const char* found = ::OPENSSL_cipher_name(name.c_str());
    return found == nullptr || *found == '(' ? "" : found;
}

/// Full names of ciphers are excluded all the time that no OpenSSL has any more; words are not.
bool may_exclude_nothing(std::string_view word) {
    return word.find('-') != std::string_view::npos || std::ranges::find(kDeparted, word) != kDeparted.end();
}

std::string quoted(const std::vector<std::string>& names) { return fmt::format("'{}'", fmt::join(names, "', '")); }

void check_entries(const std::string& list, Judge& judge, std::vector<TlsProblem>& problems) {
    std::vector<std::string> unknown;
    std::vector<std::string> modern;
    std::string other_name;
    for (const std::string& entry : entries_of(list)) {
        const bool selects = entry.find_first_of("!-+") != 0;
        const std::string word = selects ? entry : entry.substr(1);
        if (judge.selects_something(word) || (!selects && may_exclude_nothing(word))) continue;
        const std::string name = own_name_of(word);
        const bool is_of_tls_1_3 = name == word;  // OpenSSL gave the others names of its own
        (is_of_tls_1_3 ? modern : unknown).push_back(entry);
        if (other_name.empty() && !is_of_tls_1_3) other_name = name;
    }
    ::ERR_clear_error();
    if (!unknown.empty()) {
        problems.push_back({TlsFault::unknown_cipher,
                            fmt::format("OpenSSL does not know {}, and ignores it", quoted(unknown)),
                            other_name.empty() ? "" : fmt::format("OpenSSL's name is {}", text::repr(other_name))});
    }
    if (!modern.empty()) {
        problems.push_back({TlsFault::unknown_cipher,
                            fmt::format("{} is of TLS 1.3, whose suites this list does not govern", quoted(modern)),
                            "remove it: the suites of TLS 1.3 are always on offer"});
    }
}

}  // namespace

std::vector<TlsProblem> check_ciphers(const std::string& ciphers) {
    ::ERR_clear_error();
    Judge judge;
    const bool leaves_some = judge.selects_something(ciphers);
    const std::string reason = leaves_some ? "" : take_tls_error();
    std::vector<TlsProblem> problems;
    check_entries(ciphers, judge, problems);
    if (leaves_some) return problems;
    std::string message = reason;
    for (const TlsProblem& one : problems) message += "; " + one.message;
    return {{TlsFault::bad_ciphers, message, "`openssl ciphers -v 'LIST'` shows what a list means"}};
}

}  // namespace gunicorn::server
