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
    const auto idle = (least_free_ + 1) / 2;
    // The front of the list has been free the longest.
    for (std::size_t i = 0; i < idle; ++i) ::munmap(free_[i], block_bytes_);
    free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(idle));
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
