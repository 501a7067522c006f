#include "auth/store/postgres/connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

// libpqxx 7.10 calls deprecated what 6.4 has nothing else for.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace gatehouse::auth::postgres {

namespace {

/// What libpq writes on several lines, on one.
[[nodiscard]] std::string one_line(std::string text)
{
    while (text.ends_with('\n')) text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    std::ranges::replace(text, '\t', ' ');
    return text;
}

[[nodiscard]] Failure::Kind kind_of(const pqxx::sql_error& error)
{
    const auto& state = error.sqlstate();
    if (state == "3F000") return Failure::Kind::missing; // no schema, and so no table
    if (state == "25006") return Failure::Kind::read_only;
    if (state.starts_with("40")) return Failure::Kind::conflict; // some rollback
    return Failure::Kind::refused;
}

/// Runs `work` and gives what libpqxx throws the one name that matters to us.
template <class Work>
auto translated(const Work& work) -> std::invoke_result_t<Work>
{
    using Kind = Failure::Kind;
    const auto failure = [](Kind kind, const std::exception& error) {
        return Failure(kind, one_line(error.what()));
    };
    try {
        return work();
    } catch (const pqxx::broken_connection& error) {
        throw failure(Kind::lost, error);
    } catch (const pqxx::in_doubt_error& error) {
        throw failure(Kind::lost, error);
    } catch (const pqxx::statement_completion_unknown& error) {
        throw failure(Kind::lost, error);
    } catch (const pqxx::transaction_rollback& error) {
        throw failure(Kind::conflict, error);
    } catch (const pqxx::undefined_table& error) {
        throw failure(Kind::missing, error);
    } catch (const pqxx::sql_error& error) {
        throw failure(kind_of(error), error);
    } catch (const std::exception& error) {
        throw failure(Kind::lost, error); // a bug of ours or libpqxx's: trust it no further
    }
}

#if PQXX_VERSION_MAJOR >= 7
[[nodiscard]] pqxx::params packed(std::span<const std::optional<std::string>> parameters)
{
    pqxx::params all;
    for (const auto& parameter : parameters) {
        if (parameter)
            all.append(*parameter);
        else
            all.append();
    }
    return all;
}
#else
[[nodiscard]] auto packed(const std::vector<const char*>& parameters)
{
    return pqxx::prepare::make_dynamic_params(parameters);
}

[[nodiscard]] std::vector<const char*>
packed(std::span<const std::optional<std::string>> parameters)
{
    std::vector<const char*> all;
    for (const auto& parameter : parameters) {
        all.push_back(parameter ? parameter->c_str() : nullptr);
    }
    return all;
}
#endif

} // namespace

bool Rows::next()
{
    return ++row_ < static_cast<int>(result_.size());
}

std::int64_t Rows::affected() const
{
    return static_cast<std::int64_t>(result_.affected_rows());
}

bool Rows::is_null(int column) const
{
    return result_[row_][column].is_null();
}

bool Rows::boolean(int column) const
{
    return text(column) == "t";
}

std::int64_t Rows::integer(int column) const
{
    return translated([&] { return result_[row_][column].as<std::int64_t>(0); });
}

std::string Rows::text(int column) const
{
    const auto field = result_[row_][column];
    return {field.c_str(), field.size()};
}

std::string Rows::bytes(int column) const
{
    return from_bytea(text(column));
}

std::optional<std::string> Rows::optional_bytes(int column) const
{
    return is_null(column) ? std::optional<std::string>() : bytes(column);
}

Seconds Rows::seconds(int column) const
{
    return Seconds{std::chrono::seconds{integer(column)}};
}

Millis Rows::millis(int column) const
{
    return Millis{std::chrono::milliseconds{integer(column)}};
}

std::optional<Millis> Rows::optional_millis(int column) const
{
    return is_null(column) ? std::optional<Millis>() : millis(column);
}

Connection::Connection(const std::string& address)
    : link_(translated([&] { return std::make_unique<pqxx::connection>(address); }))
{
#if PQXX_VERSION_MAJOR < 7
    // 6.x reconnects behind our back, and then a transaction is not the one we began.
    link_->inhibit_reactivation(true);
#endif
    socket_ = ::fcntl(link_->sock(), F_DUPFD_CLOEXEC, 0);
    if (socket_ < 0) throw Failure(Failure::Kind::lost, "no file descriptor is left");
}

Connection::~Connection()
{
    // After this the polite good-bye of libpq cannot wait for a server that does not read.
    cut();
    link_.reset();
    if (socket_ >= 0) ::close(socket_);
}

Rows Connection::execute(const std::string& sql)
{
    asked_at_ = std::chrono::steady_clock::now();
    return translated([&] {
        pqxx::nontransaction direct(*link_);
        return Rows(direct.exec(sql));
    });
}

Rows Connection::run_with(std::string_view sql, std::span<const Parameter> parameters)
{
    asked_at_ = std::chrono::steady_clock::now();
    return translated([&] {
#if PQXX_VERSION_MAJOR >= 7
        const auto values = packed(parameters);
#else
        const auto pointers = packed(parameters);
        const auto values = packed(pointers);
#endif
        const auto* name = is_pooled() ? nullptr : &prepared(sql);
        pqxx::nontransaction direct(*link_);
        if (name == nullptr) return Rows(direct.exec_params(std::string(sql), values));
        return Rows(direct.exec_prepared(*name, values));
    });
}

const std::string& Connection::prepared(std::string_view sql)
{
    const auto known = statements_.find(sql);
    if (known != statements_.end()) return known->second;
    auto name = "s" + std::to_string(statements_.size());
    link_->prepare(name, std::string(sql));
    return statements_.emplace(std::string(sql), std::move(name)).first->second;
}

bool Connection::is_open() const noexcept
{
    return link_->is_open();
}

bool Connection::has_input() const noexcept
{
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) != 0;
}

bool Connection::take_notifications()
{
    return translated([&] { return link_->get_notifs() > 0; });
}

void Connection::cut() noexcept
{
    ::shutdown(socket_, SHUT_RDWR);
}

} // namespace gatehouse::auth::postgres
