#include "gateway/runtime/reloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace gatehouse::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view base = "listen: [{address: 127.0.0.1:8080}]\n"
                                  "routes: [{match: /**, to: http://127.0.0.1:3000}]\n";

config::Loaded loaded(const std::string& text)
{
    return config::load_text(text, "gatehouse.yaml", {});
}

/// A reloader over a text instead of a file, and a gateway that only remembers what it was told.
class ReloaderTest : public ::testing::Test {
protected:
    std::string text{base};
    std::optional<config::Diagnostic> obstacle; // that the gateway meets when it should follow
    std::vector<config::Settings> followed;
    std::vector<std::uint64_t> generations;
    std::vector<ReloadReport> told;
    auth::SystemClock clock;
    Reloader reloader{
        {[this] { return loaded(text); },
         [this](const config::Settings& next,
         std::uint64_t generation) -> Result<void, config::Diagnostic> {
             if (obstacle) return *obstacle;
             followed.push_back(next);
             generations.push_back(generation);
             return {};
         }, [this](const ReloadReport& report) { told.push_back(report); }, clock},
        std::make_shared<const config::Settings>(loaded(std::string(base)).settings),
        {"gatehouse.yaml"}
    };
};

TEST_F(ReloaderTest, BeginsWithTheGenerationOfTheStart)
{
    const auto last = reloader.last();
    EXPECT_TRUE(last.ok);
    EXPECT_EQ(last.why, "start");
    EXPECT_EQ(last.generation, 1U);
    EXPECT_EQ(last.times_ok + last.times_failed, 0U);
}

TEST_F(ReloaderTest, HandsOnWhatChangedAndNamesIt)
{
    text += "registration: closed\n";
    const auto report = reloader.reload("SIGHUP");
    EXPECT_TRUE(report.ok);
    EXPECT_EQ(report.why, "SIGHUP");
    EXPECT_EQ(report.generation, 2U);
    EXPECT_THAT(report.changed, ElementsAre("registration"));
    EXPECT_THAT(report.needs_restart, IsEmpty());
    ASSERT_EQ(followed.size(), 1U);
    EXPECT_EQ(followed.front().registration, config::Registration::closed);
    EXPECT_THAT(generations, ElementsAre(2U));
    EXPECT_EQ(told.size(), 1U);
    EXPECT_EQ(reloader.running()->registration, config::Registration::closed);
}

TEST_F(ReloaderTest, MakesNoGenerationOfWhatDidNotChange)
{
    const auto report = reloader.reload("SIGHUP");
    EXPECT_TRUE(report.ok);
    EXPECT_EQ(report.generation, 1U);
    EXPECT_THAT(followed, IsEmpty());
    EXPECT_EQ(reloader.last().times_ok, 1U);
}

TEST_F(ReloaderTest, TakesWhatItCanAndNamesWhatNeedsARestart)
{
    text += "workers: 9\nregistration: invite\n";
    const auto report = reloader.reload("file");
    EXPECT_TRUE(report.ok);
    EXPECT_THAT(report.changed, ElementsAre("registration"));
    EXPECT_THAT(report.needs_restart, ElementsAre("workers"));
    EXPECT_EQ(followed.at(0).workers, 0U);
}

TEST_F(ReloaderTest, NamesWhatNeedsARestartUntilTheFileSaysWhatRuns)
{
    text += "workers: 9\n";
    EXPECT_THAT(reloader.reload("file").needs_restart, ElementsAre("workers"));
    EXPECT_THAT(reloader.reload("file").needs_restart, ElementsAre("workers"));
    text = base;
    EXPECT_THAT(reloader.reload("file").needs_restart, IsEmpty());
    EXPECT_THAT(followed, IsEmpty());
}

TEST_F(ReloaderTest, KeepsTheOldSettingsWhereTheNewOnesAreBad)
{
    text += "registration: maybe\nworkers: many\n";
    const auto report = reloader.reload("file");
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.generation, 1U);
    EXPECT_THAT(followed, IsEmpty());
    ASSERT_EQ(report.errors.size(), 2U);
    EXPECT_EQ(report.errors[0].place.line, 3U);
    EXPECT_EQ(report.errors[0].key, "registration");
    EXPECT_EQ(report.errors[1].key, "workers");
    EXPECT_FALSE(reloader.last().ok);
    EXPECT_EQ(reloader.last().times_failed, 1U);
}

TEST_F(ReloaderTest, IsWellAgainWhenTheFileIs)
{
    text = "routes: nonsense\n";
    EXPECT_FALSE(reloader.reload("file").ok);
    text = std::string(base) + "registration: closed\n";
    const auto report = reloader.reload("file");
    EXPECT_TRUE(report.ok);
    EXPECT_THAT(report.errors, IsEmpty());
    EXPECT_EQ(report.generation, 2U);
    EXPECT_EQ(report.times_ok, 1U);
    EXPECT_EQ(report.times_failed, 1U);
}

TEST_F(ReloaderTest, KeepsTheOldSettingsWhereTheGatewayCannotFollow)
{
    obstacle.emplace();
    obstacle->key = "listen[0].address";
    obstacle->message = "cannot listen on 127.0.0.1:8081: the port is in use by another process";
    text.replace(text.find("8080"), 4, "8081");
    const auto report = reloader.reload("file");
    EXPECT_FALSE(report.ok);
    EXPECT_THAT(report.changed, IsEmpty());
    EXPECT_EQ(report.generation, 1U);
    ASSERT_EQ(report.errors.size(), 1U);
    EXPECT_THAT(to_string(report.errors), HasSubstr("gatehouse.yaml: listen[0].address: cannot"));
    EXPECT_EQ(reloader.running()->listen.front().address, "127.0.0.1:8080");
}

TEST_F(ReloaderTest, RefusesWhatMakesSenseOnlyAfterARestart)
{
    // Together they fit; without the new admin address, which needs a restart, they do not.
    text = "listen: [{address: 127.0.0.1:9901}]\nadmin: 127.0.0.1:9902\n"
           "routes: [{match: /**, to: http://127.0.0.1:3000}]\n";
    ASSERT_TRUE(loaded(text).ok());
    const auto report = reloader.reload("file");
    EXPECT_FALSE(report.ok);
    EXPECT_THAT(report.needs_restart, ElementsAre("admin"));
    EXPECT_THAT(to_string(report.errors), HasSubstr("need a restart"));
    EXPECT_THAT(followed, IsEmpty());
}

TEST_F(ReloaderTest, StillKnowsTheFilesOfBeforeWhenAFileIsBad)
{
    text += "tokens: {issuer: '${file:/nowhere/issuer}'}\n";
    EXPECT_FALSE(reloader.reload("file").ok);
    EXPECT_THAT(reloader.files(), ElementsAre("/nowhere/issuer", "gatehouse.yaml"));
    text = "routes: nonsense\n";
    EXPECT_FALSE(reloader.reload("file").ok);
    EXPECT_THAT(reloader.files(), ElementsAre("/nowhere/issuer", "gatehouse.yaml"));
}

} // namespace
} // namespace gatehouse::gateway
