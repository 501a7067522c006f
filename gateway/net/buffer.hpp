#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Blocks of one size for one worker, last in, first out, so that the few that are in use stay in
/// the processor's cache. Pages come from the kernel and go back to it: what a burst needed is not
/// kept for ever.
class BufferPool {
public:
    /// At most `keep` free blocks are kept.
    BufferPool(std::size_t block_bytes, std::size_t keep);
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;
    ~BufferPool();

    [[nodiscard]] std::size_t block_bytes() const noexcept { return block_bytes_; }

    /// Gives the memory of half of the blocks back to the kernel that nobody needed since the last
    /// call.
    void trim() noexcept;

    /// Those that take up memory.
    [[nodiscard]] std::size_t free_blocks() const noexcept { return free_.size() - empty_; }

private:
    friend class Buffer;

    [[nodiscard]] char* take();
    void give_back(char* block) noexcept;

    std::size_t block_bytes_;
    std::size_t keep_;
    std::size_t least_free_ = 0; // since the last trim()
    std::size_t empty_ = 0;      // at the front of free_: without memory, until they are used again
    std::vector<char*> free_;
};

/// A borrowed block with the bytes that have been read into it and not been used yet. Without a
/// block it is simply empty.
class Buffer {
public:
    Buffer() = default;

    explicit Buffer(BufferPool& pool) : pool_(&pool), block_(pool.take()) {}

    Buffer(Buffer&& other) noexcept { swap(other); }

    Buffer& operator=(Buffer&& other) noexcept
    {
        Buffer taken(std::move(other));
        swap(taken);
        return *this;
    }

    ~Buffer()
    {
        if (block_ != nullptr) pool_->give_back(block_);
    }

    [[nodiscard]] bool has_block() const noexcept { return block_ != nullptr; }

    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }

    [[nodiscard]] std::size_t capacity() const noexcept
    {
        return block_ == nullptr ? 0 : pool_->block_bytes();
    }

    [[nodiscard]] std::span<char> bytes() noexcept { return {block_ + begin_, size()}; }

    [[nodiscard]] std::string_view text() const noexcept { return {block_ + begin_, size()}; }

    /// Where the next read goes.
    [[nodiscard]] std::span<char> room() noexcept { return {block_ + end_, capacity() - end_}; }

    void added(std::size_t bytes) noexcept { end_ += bytes; }

    void consume(std::size_t bytes) noexcept
    {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    void remove_last(std::size_t bytes) noexcept { end_ -= bytes; }

    /// Moves what is left to the front of the block. Views into it become invalid.
    void make_room() noexcept;
    /// Adds a copy of `text`, which has to fit.
    void append(std::string_view text) noexcept;

private:
    void swap(Buffer& other) noexcept
    {
        std::swap(pool_, other.pool_);
        std::swap(block_, other.block_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
    }

    BufferPool* pool_ = nullptr;
    char* block_ = nullptr;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace gatehouse::gateway
