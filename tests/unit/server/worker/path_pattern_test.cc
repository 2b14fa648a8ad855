#include "server/worker/path_pattern.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "unit/server/temp_dir.h"

using namespace gunicorn::server;
using gunicorn::testing::TempDir;
using gunicorn::testing::write_text;

namespace {

/// A tree of empty files, and what patterns find in it, without the path of the tree.
struct Tree {
    explicit Tree(const std::vector<std::string>& files) {
        for (const std::string& file : files) {
            std::filesystem::create_directories(std::filesystem::path(folder.path(file)).parent_path());
            write_text(folder.path(file), "");
        }
    }
    std::set<std::string> find(const std::string& pattern) const {
        std::set<std::string> found;
        for (const std::string& path : expand(folder.path(pattern))) found.insert(path.substr(folder.path().size() + 1));
        return found;
    }
    TempDir folder;
};

using Found = std::set<std::string>;

}  // namespace

TEST_CASE("a path without special characters is no pattern") {
    CHECK_FALSE(is_pattern("/srv/a.html"));
    for (const char* pattern : {"/srv/*", "/srv/?.html", "/srv/[ab]"}) CHECK(is_pattern(pattern));
}

TEST_CASE("the characters of a pattern stay within one name, and leave hidden ones out") {
    const Tree tree({"a.html", "b.html", "b.txt", ".hidden.html", "deep/c.html"});
    CHECK(tree.find("*.html") == Found{"a.html", "b.html"});
    CHECK(tree.find("?.txt") == Found{"b.txt"});
    CHECK(tree.find("[!a].html") == Found{"b.html"});
    CHECK(tree.find(".*.html") == Found{".hidden.html"});
    CHECK(tree.find("*/c.html") == Found{"deep/c.html"});
    CHECK(tree.find("nothing/*").empty());
}

TEST_CASE("two stars are any number of directories") {
    const Tree tree({"a.html", "x/b.html", "x/y/c.html", "x/y/c.txt", ".git/d.html", "x/__pycache__/e.html"});
    CHECK(tree.find("**/*.html") == Found{"a.html", "x/b.html", "x/y/c.html"});
    CHECK(tree.find("x/**/c.*") == Found{"x/y/c.html", "x/y/c.txt"});
    CHECK(tree.find("x/**") == Found{"x/b.html", "x/y/c.html", "x/y/c.txt"});
    CHECK(tree.find("**/**/y/**/*.txt") == Found{"x/y/c.txt"});
}

TEST_CASE("directories are not found themselves") {
    const Tree tree({"x/y/a.html"});
    CHECK(tree.find("*").empty());
    CHECK(tree.find("x/**") == Found{"x/y/a.html"});
}

TEST_CASE("a link that leads back ends the search") {
    const Tree tree({"x/a.html"});
    std::filesystem::create_directory_symlink("..", tree.folder.path("x/back"));
    std::filesystem::create_directory_symlink("x", tree.folder.path("other"));
    const Found found = tree.find("**/*.html");
    CHECK(found.size() == 1);
}
