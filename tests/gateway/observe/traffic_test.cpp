#include "gateway/observe/traffic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace gatehouse::gateway {
namespace {

using testing::ElementsAre;

config::RouteSettings route(std::string match, std::string name = {})
{
    config::RouteSettings settings;
    settings.match = std::move(match);
    settings.name = std::move(name);
    return settings;
}

config::Settings settings_with(const std::vector<std::string>& matches)
{
    config::Settings settings;
    for (const auto& match : matches) settings.routes.push_back(route(match));
    return settings;
}

std::vector<std::string> labels_of(TrafficBook& book)
{
    std::vector<std::string> labels;
    for (const auto& shown : book.routes.show()) labels.push_back(shown.tally->label());
    return labels;
}

std::uint64_t good_requests(TrafficBook& book, std::string_view label)
{
    std::uint64_t total = 0;
    for (const auto& shown : book.routes.show()) {
        if (shown.tally->label() != label) continue;
        for (const auto* worker : shown.workers) total += worker->requests[2].value();
    }
    return total;
}

TEST(RouteLabel, IsTheNameOrElseWhatTheRouteMatches)
{
    EXPECT_EQ(route_label(route("/a/**", "orders")), "orders");
    EXPECT_EQ(route_label(route("/a/**")), "/a/**");
    auto full = route("/a/*");
    full.host = "*.example.com";
    full.methods = {"GET", "POST"};
    EXPECT_EQ(route_label(full), "GET,POST *.example.com/a/*");
}

TEST(BoundedLabels, CountTheRestTogether)
{
    const std::vector<std::string> labels = {"/a", "/b", "/a", "/c", "/b", "/d"};
    EXPECT_THAT(bounded_labels(labels, 2), ElementsAre("/a", "/b", "/a", "other", "/b", "other"));
    EXPECT_THAT(bounded_labels(labels, 9), ElementsAre("/a", "/b", "/a", "/c", "/b", "/d"));
    EXPECT_THAT(bounded_labels(labels, 0), testing::Each("other"));
}

TEST(Traffic, AddsUpWhatWorkersCount)
{
    TrafficBook book;
    const auto settings = settings_with({"/a", "/b"});
    const std::vector<std::string> upstreams = {"u"};
    Traffic first(book, 0, settings, upstreams);
    Traffic second(book, 1, settings, upstreams);
    first.route(0).requests[2].add();
    second.route(0).requests[2].add(2);
    second.route(1).requests[2].add(40);
    EXPECT_EQ(good_requests(book, "/a"), 3U);
    EXPECT_EQ(good_requests(book, "/b"), 40U);
    EXPECT_THAT(labels_of(book), ElementsAre("/a", "/b", "admin", "auth", "none"));
}

TEST(Traffic, GoesOnCountingWhatAReloadKeeps)
{
    TrafficBook book;
    auto now =
        std::make_unique<Traffic>(book, 0, settings_with({"/a", "/b"}), std::vector<std::string>{});
    now->route(0).requests[2].add(7);
    now->route(1).requests[2].add(1);
    auto next =
        std::make_unique<Traffic>(book, 0, settings_with({"/c", "/a"}), std::vector<std::string>{});
    now->route(1).requests[2].add(); // of a request that was still under way
    EXPECT_EQ(good_requests(book, "/b"), 2U);
    now.reset();
    next->route(1).requests[2].add();
    EXPECT_EQ(good_requests(book, "/a"), 8U);
    EXPECT_THAT(labels_of(book), ElementsAre("/a", "/c", "admin", "auth", "none"));
}

TEST(Traffic, DoesNotGrowWhenRoutesChangeAThousandTimes)
{
    TrafficBook book;
    std::unique_ptr<Traffic> workers[2];
    for (int i = 0; i < 1000; ++i) {
        const auto settings = settings_with({"/stays", "/goes/" + std::to_string(i)});
        const std::vector<std::string> upstreams = {"u", "http://10.0.0.1:" + std::to_string(i)};
        for (std::size_t w = 0; w < 2; ++w) {
            workers[w] = std::make_unique<Traffic>(book, w, settings, upstreams);
            workers[w]->route(0).requests[2].add();
            workers[w]->route(1).requests[2].add();
        }
        if (i % 100 == 0) {
            EXPECT_LE(labels_of(book).size(), 5U);
        }
    }
    EXPECT_EQ(good_requests(book, "/stays"), 2000U);
    EXPECT_EQ(good_requests(book, "/goes/999"), 2U);
    EXPECT_EQ(labels_of(book).size(), 5U);
    EXPECT_EQ(book.routes.size(), 5U);
    EXPECT_EQ(book.upstreams.show().size(), 2U);
}

TEST(UpstreamCounters, BlameUpstreamsAlone)
{
    UpstreamCounters counters;
    counters.failed(RefusalCode::upstream_timeout);
    counters.failed(RefusalCode::request_timeout);
    counters.failed(RefusalCode::overloaded);
    std::uint64_t all = 0;
    for (const auto& each : counters.failures) all += each.value();
    EXPECT_EQ(all, 1U);
    EXPECT_EQ(counters.failures[3].value(), 1U);
}

TEST(MethodNumber, TellsKnownMethodsApartAndNoOthers)
{
    for (std::size_t i = 0; i + 1 < counted_methods.size(); ++i) {
        EXPECT_EQ(method_number(counted_methods[i]), i);
    }
    for (const auto* method : {"", "get", "BREW", "GETT", "PROPFIND"}) {
        EXPECT_EQ(counted_methods[method_number(method)], "other") << method;
    }
}

} // namespace
} // namespace gatehouse::gateway
