#include "gateway/net/buffer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::gateway {
namespace {

TEST(Buffer, KeepsWhatWasNotConsumed)
{
    BufferPool pool(4096, 4);
    Buffer buffer(pool);
    buffer.append("hello world");
    buffer.consume(6);
    EXPECT_EQ(buffer.text(), "world");
    EXPECT_EQ(buffer.room().size(), 4096U - 11U);
    buffer.make_room();
    EXPECT_EQ(buffer.text(), "world");
    EXPECT_EQ(buffer.room().size(), 4096U - 5U);
    buffer.consume(5);
    EXPECT_TRUE(buffer.empty());
    EXPECT_EQ(buffer.room().size(), 4096U);
}

TEST(Buffer, LendsTheBlockThatWasGivenBackLast)
{
    BufferPool pool(4096, 4);
    Buffer first(pool);
    Buffer second(pool);
    const auto* warm = second.room().data();
    first = Buffer();
    second = Buffer();
    EXPECT_EQ(pool.free_blocks(), 2U);
    EXPECT_EQ(Buffer(pool).room().data(), warm);
}

TEST(BufferPool, KeepsNoMoreThanItMayAndGivesBackWhatNobodyNeeds)
{
    BufferPool pool(4096, 8);
    {
        std::vector<Buffer> burst;
        for (int i = 0; i < 20; ++i) burst.emplace_back(pool);
    }
    EXPECT_EQ(pool.free_blocks(), 8U);
    pool.trim(); // the burst was since the last time
    EXPECT_EQ(pool.free_blocks(), 8U);
    {
        Buffer one(pool);
    }
    pool.trim();
    EXPECT_EQ(pool.free_blocks(), 4U);
    pool.trim();
    pool.trim();
    pool.trim();
    EXPECT_EQ(pool.free_blocks(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
