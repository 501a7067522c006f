#include "tests/auth/sessions/interleavings.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace gatehouse::auth::interleaved {

namespace {

using PictureId = std::uint16_t;
using ClientId = std::uint16_t;

constexpr std::size_t most_clients = 3;

/// The store and all clients at one moment. Clients are interchangeable: they stand in order.
struct World {
    PictureId picture = 0;
    std::array<ClientId, most_clients> clients{};

    [[nodiscard]] std::uint64_t key() const
    {
        return std::uint64_t{picture} << 48U | std::uint64_t{clients[0]} << 32U |
               std::uint64_t{clients[1]} << 16U | clients[2];
    }

    [[nodiscard]] static World of(std::uint64_t key)
    {
        const auto part = [key](unsigned shift) { return static_cast<ClientId>(key >> shift); };
        return {
            part(48), {part(32), part(16), part(0)}
        };
    }
};

/// Gives equal things the same small number.
template <class Thing>
class Register {
public:
    [[nodiscard]] std::uint16_t number(const Thing& thing)
    {
        const auto [found, fresh] = numbers_.emplace(thing, things_.size());
        if (fresh) things_.push_back(thing);
        if (things_.size() > 0xffff) throw std::length_error("too many to number");
        return found->second;
    }

    [[nodiscard]] const Thing& operator[](std::uint16_t number) const { return things_[number]; }

private:
    std::map<Thing, std::uint16_t> numbers_;
    std::deque<Thing> things_; // of which references stay good while it grows
};

/// Symmetry. Of two generations the rules ask only which is the newer one, and no client's step
/// looks at what another client holds. So the current generation is always called `current`, and
/// the older ones that one client knows of follow below it in their order: a store after nine
/// rotations and one after two are the same store, told with other numbers.
constexpr Generation current = 4;

template <class Visit>
void each_generation(Client& client, Visit visit)
{
    visit(client.token);
    for (auto& answer : client.answers) {
        if (answer.to != Answer::To::find_user) visit(answer.generation);
    }
}

[[nodiscard]] Client renamed(Client client, Generation newest)
{
    std::set<Generation, std::greater<>> known{newest};
    each_generation(client, [&](Generation generation) { known.insert(generation); });
    each_generation(client, [&](Generation& generation) {
        const auto newer = std::distance(known.begin(), known.find(generation));
        generation = current - static_cast<Generation>(newer);
    });
    return client;
}

/// Walks from world to world, not from order to order: what a client's next store call does is
/// found out once for each picture of the store and each place a client can be in, by running it,
/// and the ways that lead through a world are counted and then gone on with together. So every
/// interleaving is covered, although there are far too many to run each from its beginning.
class Explorer {
public:
    Explorer(const std::vector<Workbench*>& workbenches, const Bounds& bounds)
        : workbenches_(workbenches),
          bounds_(bounds)
    {
    }

    void run()
    {
        World start{pictures_.number({.generation = current}), {}};
        const Client idle{.token = current};
        Client absent = idle;
        absent.done = static_cast<std::uint8_t>(bounds_.operations);
        for (std::size_t i = 0; i < most_clients; ++i) {
            const bool takes_part = i < static_cast<std::size_t>(bounds_.clients);
            start.clients[i] = clients_.number(takes_part ? idle : absent);
        }
        arrive(start, 1);
        while (!waiting_.empty()) {
            const auto worlds = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
            for (const auto& [key, ways] : worlds) go_on(World::of(key), ways);
            tally.states += worlds.size();
        }
    }

    Tally tally;

private:
    /// What one client's next store call makes of a picture and of itself.
    struct Arc {
        PictureId picture = 0;
        ClientId client = 0;
        bool advanced = false; // there is a newer generation now
    };

    /// Every step moves a world to a later rank, so that all ways to a world are known, and
    /// counted, before it is left.
    [[nodiscard]] std::size_t rank(const World& world) const
    {
        std::size_t sum = 0;
        for (const auto id : world.clients) {
            sum += clients_[id].done * 64UL + clients_[id].answers.size();
        }
        return sum;
    }

    void arrive(World world, double ways)
    {
        std::ranges::sort(world.clients);
        waiting_[rank(world)][world.key()] += ways;
    }

    void go_on(const World& world, double ways)
    {
        bool over = true;
        for (std::size_t i = 0; i < most_clients; ++i) {
            for (const auto& arc : arcs_from(world.picture, world.clients[i])) {
                over = false;
                auto next = world;
                next.picture = arc.picture;
                if (arc.advanced) {
                    for (auto& id : next.clients) id = aged(id);
                }
                next.clients[i] = arc.client;
                arrive(next, ways);
            }
        }
        if (over) tally.interleavings += ways;
    }

    [[nodiscard]] const std::vector<Arc>& arcs_from(PictureId picture, ClientId client)
    {
        const auto [found, fresh] = arcs_.try_emplace({picture, client});
        if (fresh) found->second = find_arcs(pictures_[picture], clients_[client]);
        return found->second;
    }

    [[nodiscard]] std::vector<Arc> find_arcs(const Picture& picture, Client client)
    {
        std::vector<Arc> arcs;
        if (client.act) {
            add_arcs(arcs, picture, client);
        } else if (client.done < bounds_.operations) {
            client.out_before = picture.ended;
            for (const auto act : every_act) {
                client.act = act;
                add_arcs(arcs, picture, client);
            }
        }
        return arcs;
    }

    void add_arcs(std::vector<Arc>& arcs, const Picture& picture, const Client& client)
    {
        Step step;
        try {
            step = step_everywhere(picture, client);
        } catch (const Violation& violation) {
            throw Violation(std::string("broken: ") + violation.what() + ", by " +
                            describe(client) + ", at " + describe(picture));
        }
        // It was cut off after this call, and begins its next operation with the old token.
        auto cut_off = client;
        cut_off.finish();
        add_arc(arcs, picture, step.after, cut_off);
        if (step.finished) step.client.finish();
        add_arc(arcs, picture, step.after, step.client);
    }

    [[nodiscard]] Step step_everywhere(const Picture& picture, const Client& client)
    {
        std::optional<Step> first;
        for (auto* workbench : workbenches_) {
            auto step = workbench->step(workbench->stage(picture), picture, client);
            ++tally.steps;
            if (!first) first = step;
            if (*first != step) throw Violation("every store does the same");
        }
        return *first;
    }

    void add_arc(std::vector<Arc>& arcs, const Picture& before, Picture after, Client client)
    {
        const bool advanced = after.generation != before.generation;
        if (bounds_.renaming) {
            client = renamed(std::move(client), after.generation);
            after.generation = current;
        }
        arcs.push_back({pictures_.number(after), clients_.number(client), advanced});
    }

    /// The same client in a store with one generation more.
    [[nodiscard]] ClientId aged(ClientId id)
    {
        if (!bounds_.renaming) return id;
        const auto known = aged_.find(id);
        if (known != aged_.end()) return known->second;
        const auto older = clients_.number(renamed(clients_[id], current + 1));
        aged_.emplace(id, older);
        return older;
    }

    const std::vector<Workbench*>& workbenches_;
    Bounds bounds_;
    Register<Picture> pictures_;
    Register<Client> clients_;
    std::map<std::pair<PictureId, ClientId>, std::vector<Arc>> arcs_;
    std::unordered_map<ClientId, ClientId> aged_;
    std::map<std::size_t, std::unordered_map<std::uint64_t, double>> waiting_; // by rank
};

} // namespace

Tally explore(const std::vector<Workbench*>& workbenches, const Bounds& bounds)
{
    Explorer explorer(workbenches, bounds);
    try {
        explorer.run();
    } catch (const Violation& violation) {
        explorer.tally.violation = violation.what();
    }
    return explorer.tally;
}

} // namespace gatehouse::auth::interleaved
