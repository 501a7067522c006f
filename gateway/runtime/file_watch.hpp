#pragma once

#include "gateway/net/file_descriptor.hpp"
#include "gateway/runtime/file_states.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// Says when files have changed, on a thread of its own: written in place, in pieces, replaced by
/// rename, deleted and back, or behind a link that points elsewhere now (the `..data` of a mounted
/// ConfigMap). The kernel tells at once (inotify); where it cannot, the files are looked at now and
/// then. Whoever is still writing is waited for, within bounds.
class FileWatch {
public:
    /// How long to wait.
    struct Pace {
        /// Without a change, before files are taken for complete.
        std::chrono::milliseconds quiet{200};
        /// The same while somebody has written to one and not closed it yet.
        std::chrono::milliseconds quiet_while_open{2000};
        /// All in all: a file that never comes to rest is read as it is.
        std::chrono::milliseconds longest{30'000};
        bool use_inotify = true;
    };

    struct Rooms {
        /// Which files: asked on the watch's thread, again and again.
        std::function<std::vector<std::string>()> files;
        /// How often they are looked at besides.
        std::function<std::chrono::milliseconds()> poll;
        /// Called on the watch's thread.
        std::function<void()> on_change;
    };

    /// What differs from `seen` at the start has changed. Everything `rooms` refers to outlives the
    /// watch.
    FileWatch(Rooms rooms, FileStates seen, Pace pace);
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;
    /// Ends the thread, after the call that it may be in.
    ~FileWatch();

private:
    enum class Woken { stopped, told, timed_out };

    void run();
    [[nodiscard]] bool has_changed(const FileStates& now) const;
    void listen_to(const std::vector<std::string>& files);
    void listen_to(const std::string& file);
    [[nodiscard]] Woken wait(std::chrono::milliseconds most);
    void take_events();
    /// false: stopped meanwhile.
    [[nodiscard]] bool settle();

    const Rooms rooms_;
    const Pace pace_;
    FileStates seen_;
    FileDescriptor stop_;        // eventfd
    FileDescriptor news_;        // inotify; closed where there is none
    bool being_written_ = false; // as far as was told
    bool touched_ = false;       // one of the files, as far as was told
    std::thread thread_;
};

} // namespace gatehouse::gateway
