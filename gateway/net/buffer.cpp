#include "gateway/net/buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace gatehouse::gateway {

BufferPool::BufferPool(std::size_t block_bytes, std::size_t keep)
    : block_bytes_(block_bytes),
      keep_(keep)
{
    free_.reserve(keep);
}

BufferPool::~BufferPool()
{
    for (auto* block : free_) ::munmap(block, block_bytes_);
}

char* BufferPool::take()
{
    if (!free_.empty()) {
        auto* block = free_.back();
        free_.pop_back();
        least_free_ = std::min(least_free_, free_.size());
        empty_ = std::min(empty_, free_.size());
        return block;
    }
    // Not malloc: its heap does not shrink again while any block above the hole is in use.
    auto* pages =
        ::mmap(nullptr, block_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    return static_cast<char*>(pages);
}

void BufferPool::give_back(char* block) noexcept
{
    if (free_.size() < keep_) {
        free_.push_back(block);
    } else {
        ::munmap(block, block_bytes_);
    }
}

void BufferPool::trim() noexcept
{
    // The front of the list has been free the longest. Addresses are kept: giving them back takes
    // the address space for oneself, and that has to wait for whoever fills memory elsewhere.
    const auto idle = least_free_ - std::min(empty_, least_free_);
    for (const auto end = empty_ + (idle + 1) / 2; empty_ < end; ++empty_)
        ::madvise(free_[empty_], block_bytes_, MADV_DONTNEED);
    least_free_ = free_.size();
}

void Buffer::make_room() noexcept
{
    std::memmove(block_, block_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
}

void Buffer::append(std::string_view text) noexcept
{
    assert(text.size() <= room().size());
    if (!text.empty()) std::memcpy(block_ + end_, text.data(), text.size());
    end_ += text.size();
}

} // namespace gatehouse::gateway
