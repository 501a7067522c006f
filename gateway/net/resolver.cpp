#include "gateway/net/resolver.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <utility>

namespace gatehouse::gateway {

struct Resolver::Impl {
    using Names = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;

    explicit Impl(asio::io_context& io) : names(io) {}

    Names names;
};

Resolver::Resolver(asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}

Resolver::~Resolver() = default;

std::shared_ptr<Resolver::Answer> Resolver::ask(const HostPort& where, Wakeable& whom)
{
    auto answer = std::make_shared<Answer>();
    answer->whom = &whom;
    impl_->names.async_resolve(
        where.host, std::to_string(where.port),
        [answer](const boost::system::error_code& error, const Impl::Names::results_type& found) {
            answer->done = true;
            if (!error) {
                for (const auto& entry : found) {
                    const auto& endpoint = entry.endpoint();
                    answer->addresses.emplace_back(endpoint.data(),
                                                   static_cast<socklen_t>(endpoint.size()));
                }
            }
            if (auto* waiting = std::exchange(answer->whom, nullptr)) waiting->wake();
        });
    return answer;
}

} // namespace gatehouse::gateway
