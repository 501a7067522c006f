#include "gateway/sandbox/writable_places.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::gateway::test {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;
using Use = WritablePlace::Use;

const WritablePlace nowhere{"/dev/null", Use::file};

TEST(WritablePlaces, AreTheFoldersThatSettingsName)
{
    struct Case {
        const char* name;
        std::function<void(config::Settings&)> change;
        std::vector<WritablePlace> expected;
    };

    const std::vector<Case> cases{
        {"a store, its keys and its token", [](auto&) {},           {{"/var/lib/g", Use::files_in}}},
        {"nothing is kept",
         [](auto& s) {
             s.store = "memory";
             s.admin_api.usual_file = "";
         },                                                         {}                             },
        {"keys elsewhere",
         [](auto& s) { s.tokens.keys_file = "/etc/keys/g.json"; },
         {{"/var/lib/g", Use::files_in}, {"/etc/keys", Use::files_in}}                             },
        {"keys that are only read",
         [](auto& s) { s.tokens.keys_directory = "/mnt/keys"; },
         {{"/var/lib/g", Use::files_in}}                                                           },
        {"a token elsewhere",
         [](auto& s) { s.admin_api.token_file = "/run/g/token"; },
         {{"/var/lib/g", Use::files_in}, {"/run/g", Use::files_in}}                                },
        {"a token of the environment",
         [](auto& s) {
             s.admin_api.token_file = "/run/g/token";
             s.admin_api.token = Secret("x");
         },                                                         {{"/var/lib/g", Use::files_in}}},
        {"no admin API",
         [](auto& s) {
             s.admin = "off";
             s.admin_api.token_file = "/run/g/token";
         },                                                         {{"/var/lib/g", Use::files_in}}},
        {"an admin socket",
         [](auto& s) { s.admin_api.socket = "/run/g/admin.sock"; },
         {{"/var/lib/g", Use::files_in}, {"/run/g", Use::files_in}}                                },
        {"a log",
         [](auto& s) { s.log.file = "/var/log/g/access.log"; },
         {{"/var/lib/g", Use::files_in}, {"/var/log/g", Use::files_in}}                            },
        {"a log into a device",
         [](auto& s) { s.log.file = "/dev/full"; },
         {{"/var/lib/g", Use::files_in}, {"/dev/full", Use::file}}                                 },
        {"names without a folder",
         [](auto& s) { s.log.file = "access.log"; },
         {{"/var/lib/g", Use::files_in}, {".", Use::files_in}}                                     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        config::Settings settings;
        settings.store = "sqlite:/var/lib/g/g.db";
        settings.admin_api.usual_file = "/var/lib/g/g.db.admin-token";
        c.change(settings);
        auto expected = c.expected;
        expected.push_back(nowhere);
        EXPECT_THAT(writable_places(settings), testing::UnorderedElementsAreArray(expected));
    }
}

TEST(WritablePlaces, AFileThatIsALinkIsWrittenWhereItLeads)
{
    const TemporaryFolder temporary;
    const auto folder = temporary.path().string();
    fs::create_directory(folder + "/disk");
    std::ofstream(folder + "/disk/real.db") << "";
    fs::create_symlink(folder + "/disk/real.db", folder + "/g.db");
    config::Settings settings;
    settings.store = "sqlite:" + folder + "/g.db";
    const auto real = fs::canonical(folder + "/disk").string();
    EXPECT_THAT(writable_places(settings),
                UnorderedElementsAre(nowhere, WritablePlace{folder, Use::files_in},
                                     WritablePlace{real, Use::files_in}));
}

TEST(WritablePlaces, SqliteHasRoomBesideTheStore)
{
    config::Settings settings;
    settings.store = "sqlite:/var/lib/g/g.db";
    EXPECT_EQ(temporary_folder_of(settings), "/var/lib/g");
    settings.store = "memory";
    EXPECT_EQ(temporary_folder_of(settings), "");
}

} // namespace
} // namespace gatehouse::gateway::test
