#pragma once
// A /proc of our own making.

#include <filesystem>
#include <string>
#include <vector>

#include "unit/server/temp_dir.h"

namespace gunicorn::testing {

class FakeProc {
public:
    FakeProc() {
        std::filesystem::create_directories(root_.path("net"));
        tcp("tcp", "");
        tcp("tcp6", "");
        write_text(root_.path("net/unix"), "Num RefCount Protocol Flags Type St Inode Path\n");
    }

    [[nodiscard]] const std::string& path() const { return root_.path(); }

    /// `address` in the notation of the table, "0100007F:1F40".
    void listen(const std::string& table, const std::string& address, int user, int inode) {
        tcp_rows_[table == "tcp6"] += "   0: " + address + " 00000000:0000 0A 00000000:00000000 00:00000000 00000000  " +
                                      std::to_string(user) + "        0 " + std::to_string(inode) + " 1 0 100 0 0 10 0\n";
        tcp(table, tcp_rows_[table == "tcp6"]);
    }

    void listen_unix(const std::string& path, int inode) {
        std::ofstream(root_.path("net/unix"), std::ios::app)
            << "0000000000000000: 00000002 00000000 00010000 0001 01 " << inode << " " << path << "\n";
    }

    void process(int pid, const std::string& name, const std::vector<std::string>& arguments, const std::string& directory,
                 const std::vector<int>& inodes, int parent = 1) {
        const std::string folder = root_.path(std::to_string(pid));
        std::filesystem::create_directories(folder + "/fd");
        write_text(folder + "/comm", name + "\n");
        std::string words;
        for (const std::string& word : arguments) words += word + '\0';
        write_text(folder + "/cmdline", words);
        write_text(folder + "/status", "Name:\t" + name + "\nPPid:\t" + std::to_string(parent) + "\n");
        std::filesystem::create_symlink(directory, folder + "/cwd");
        int fd = 3;
        for (const int inode : inodes) {
            std::filesystem::create_symlink("socket:[" + std::to_string(inode) + "]",
                                            folder + "/fd/" + std::to_string(fd++));
        }
    }

private:
    void tcp(const std::string& table, const std::string& rows) {
        write_text(root_.path("net/" + table),
                   "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n" + rows);
    }

    TempDir root_;
    std::string tcp_rows_[2];
};

}  // namespace gunicorn::testing
