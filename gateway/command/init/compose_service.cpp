#include "gateway/command/init/compose_service.hpp"

#include "config/forms/address.hpp"
#include "config/scalars/scalars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace gatehouse::gateway {
namespace {

using config::Node;

/// Images that keep data or carry messages: nobody should reach them over a gateway.
constexpr auto stores = std::to_array<std::string_view>(
    {"cassandra", "clickhouse", "cockroach",  "consul",   "couchdb",  "elasticsearch",
     "etcd",      "influxdb",   "kafka",      "keydb",    "mariadb",  "memcached",
     "minio",     "mongo",      "mosquitto",  "mssql",    "mysql",    "nats",
     "neo4j",     "openldap",   "opensearch", "oracle",   "percona",  "pgbouncer",
     "postgis",   "postgres",   "pulsar",     "rabbitmq", "redis",    "redpanda",
     "scylla",    "timescale",  "valkey",     "vault",    "zookeeper"});

/// Ports of protocols that are not HTTP.
constexpr auto other_ports = std::to_array<std::uint16_t>(
    {21,   22,   23,   25,   53,   110,  143,  389,  465,   587,   636,   993,
     995,  1433, 1521, 1883, 2181, 2375, 2376, 3306, 3389,  4222,  5432,  5671,
     5672, 6379, 6432, 8883, 9042, 9092, 9200, 9300, 11211, 26257, 27017, 33060});

constexpr auto tls_ports = std::to_array<std::uint16_t>({443, 8443});

/// `web` of `registry.example:5000/team/web:1.2@sha256:..`.
std::string image_name(std::string_view image)
{
    image = image.substr(0, image.find('@'));
    const auto slash = image.rfind('/');
    if (slash != image.npos) image.remove_prefix(slash + 1);
    std::string name{image.substr(0, image.find(':'))};
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return name;
}

bool keeps_data(const std::string& image)
{
    const auto name = image_name(image);
    return std::ranges::any_of(stores, [&](std::string_view store) {
        return name.find(store) != std::string::npos && name.find("admin") == std::string::npos &&
               name.find("express") == std::string::npos;
    });
}

template <std::size_t N>
bool is_one_of(const std::array<std::uint16_t, N>& ports, std::uint16_t port)
{
    return std::ranges::find(ports, port) != ports.end();
}

/// `${NAME:-8080}` is 8080; what has no default becomes a `?`, which is no port.
std::string with_defaults(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto start = text.find('$');
        out += text.substr(0, start);
        if (start == text.npos) break;
        text.remove_prefix(start + 1);
        const auto end = text.find('}');
        if (!text.starts_with('{') || end == text.npos) {
            out += '?';
            continue;
        }
        const auto inside = text.substr(1, end - 1);
        const auto dash = inside.find('-');
        out += dash == inside.npos ? "?" : inside.substr(dash + 1);
        text.remove_prefix(end + 1);
    }
    return out;
}

/// The value of a key of the service, also of what is merged into it by `<<`.
const Node* look_up(const Node& map, std::string_view key)
{
    if (const auto* own = map.find(key)) return own;
    const auto* merged = map.find("<<");
    if (merged == nullptr) return nullptr;
    if (merged->kind == Node::Kind::map) return look_up(*merged, key);
    for (const auto& one : merged->items) {
        if (const auto* found = look_up(one, key)) return found;
    }
    return nullptr;
}

std::string text_of(const Node* node)
{
    return node != nullptr && node->kind == Node::Kind::scalar ? node->text : "";
}

std::optional<std::uint16_t> port_of(const Node& item)
{
    if (item.kind == Node::Kind::scalar) return container_port(item.text);
    if (item.kind != Node::Kind::map) return {};
    const auto protocol = text_of(item.find("protocol"));
    if (!protocol.empty() && protocol != "tcp") return {};
    return container_port(text_of(item.find("target")));
}

std::vector<std::uint16_t> ports_of(const Node* list)
{
    std::vector<std::uint16_t> ports;
    if (list == nullptr) return ports;
    for (const auto& item : list->items) {
        if (const auto port = port_of(item)) ports.push_back(*port);
    }
    return ports;
}

std::string why_not(const Node& service, const std::vector<std::uint16_t>& ports)
{
    if (text_of(look_up(service, "network_mode")) == "host") {
        return "it uses the host's network, where its name is not known";
    }
    if (keeps_data(text_of(look_up(service, "image")))) return "its image keeps data";
    if (ports.empty()) return "it names no TCP port, neither under `ports` nor `expose`";
    return {};
}

/// As a host in a URL, as a path and in a comment.
bool is_usable_name(const std::string& name)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return std::ranges::all_of(name, fits) && name.find_first_not_of('.') == 0 &&
           config::parse_endpoint("http://" + name).has_value();
}

} // namespace

std::optional<std::uint16_t> container_port(std::string_view mapping)
{
    const auto text = with_defaults(mapping);
    std::string_view rest{text};
    const auto slash = rest.rfind('/');
    if (slash != rest.npos) {
        if (rest.substr(slash + 1) != "tcp") return {};
        rest = rest.substr(0, slash);
    }
    const auto colon = rest.rfind(':');
    if (colon != rest.npos) rest.remove_prefix(colon + 1);
    const auto port = config::parse_count(rest.substr(0, rest.find('-'))); // the first of a range
    if (!port || *port == 0 || *port > 65535) return {};
    return static_cast<std::uint16_t>(*port);
}

ComposeService judge_service(const std::string& name, const Node& service)
{
    ComposeService judged;
    judged.name = name;
    if (!is_usable_name(name)) {
        judged.name = "a service";
        judged.reason = "its name cannot be a host name";
        return judged;
    }
    auto ports = ports_of(look_up(service, "ports"));
    judged.published = !ports.empty();
    const auto exposed = ports_of(look_up(service, "expose"));
    ports.insert(ports.end(), exposed.begin(), exposed.end());
    judged.reason = why_not(service, ports);
    if (!judged.reason.empty()) return judged;
    const auto http = std::ranges::find_if(ports, [](auto port) {
        return !is_one_of(other_ports, port) && !is_one_of(tls_ports, port);
    });
    const auto https =
        std::ranges::find_if(ports, [](auto port) { return is_one_of(tls_ports, port); });
    if (http != ports.end()) {
        judged.port = *http;
    } else if (https != ports.end()) {
        judged.port = *https;
        judged.tls = true;
    } else {
        judged.reason = fmt::format("port {} is not one for HTTP", ports.front());
    }
    return judged;
}

} // namespace gatehouse::gateway
