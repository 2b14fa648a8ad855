#include "server/protocol/output_queue.h"

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

FramedOutput lent(std::string_view piece) {
    FramedOutput output;
    output.bytes = "head,";
    output.piece = piece;
    output.suffix = ",end";
    output.has_head = true;
    return output;
}

TEST_CASE("what is empty leaves a lent piece alone") {
    FramedOutput letter = lent("piece");
    FramedOutput nothing;
    letter.append(nothing);
    CHECK(letter.piece == "piece");
    CHECK(letter.suffix == ",end");
    CHECK(letter.size() == 14);

    OutputQueue queue;
    queue.put_framed(letter);
    CHECK(letter.size() == 0);
    queue.put_framed(nothing);
    CHECK_FALSE(queue.is_empty());
    CHECK(queue.give_up() == 5);
    CHECK(queue.is_empty());
}

TEST_CASE("framed output keeps its order when it is collected") {
    FramedOutput letter;
    letter.bytes = "a";
    FramedOutput more = lent("piece");
    letter.append(more);
    CHECK(letter.bytes == "ahead,");
    CHECK(letter.piece == "piece");
    CHECK(letter.has_head);
    CHECK(more.size() == 0);
    CHECK_FALSE(more.has_head);
}

}  // namespace
}  // namespace gunicorn::server
