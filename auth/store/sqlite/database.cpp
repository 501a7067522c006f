#include "auth/store/sqlite/database.hpp"

#include <cassert>

namespace gatehouse::auth::sqlite {

namespace {

[[noreturn]] void fail(sqlite3* handle)
{
    throw Failure(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle));
}

} // namespace

Failure::Failure(int extended_code, const char* message)
    : std::runtime_error(message),
      code_(extended_code & 0xff)
{
}

Rows::~Rows()
{
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

bool Rows::next()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fail(sqlite3_db_handle(statement_));
}

bool Rows::is_null(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Rows::integer(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

std::string Rows::text(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    // An empty text comes as a null pointer.
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}

std::optional<std::string> Rows::optional_text(int column) const
{
    return is_null(column) ? std::optional<std::string>() : text(column);
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

void Rows::require_ok(int code) const
{
    if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_));
}

void Rows::bind(int parameter, std::int64_t value)
{
    require_ok(sqlite3_bind_int64(statement_, parameter, value));
}

void Rows::bind(int parameter, std::string_view value)
{
    // A null pointer would bind NULL instead of an empty text. The length is given, so that a NUL
    // byte is one byte of many; the bytes are copied, so that a temporary may be bound.
    const char* bytes = value.data() == nullptr ? "" : value.data();
    require_ok(sqlite3_bind_text64(statement_, parameter, bytes, value.size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8));
}

void Rows::bind(int parameter, Blob value)
{
    const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
    require_ok(
        sqlite3_bind_blob64(statement_, parameter, bytes, value.bytes.size(), SQLITE_TRANSIENT));
}

void Rows::bind(int parameter, Seconds value)
{
    bind(parameter, std::int64_t{value.time_since_epoch().count()});
}

void Rows::bind(int parameter, Millis value)
{
    bind(parameter, std::int64_t{value.time_since_epoch().count()});
}

void Rows::bind_null(int parameter)
{
    require_ok(sqlite3_bind_null(statement_, parameter));
}

void Database::Close::operator()(sqlite3* handle) const noexcept
{
    // _v2: statements are finalized after this, the connection goes with the last of them.
    sqlite3_close_v2(handle);
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const noexcept
{
    sqlite3_finalize(statement);
}

Database::Database(const std::string& path, std::chrono::milliseconds busy)
{
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    handle_.reset(handle); // also after a failure there is one, and it must be closed
    if (code != SQLITE_OK) throw Failure(code, sqlite3_errstr(code));
    sqlite3_busy_timeout(handle, static_cast<int>(busy.count()));
    // Nobody copies the log back into the file by the way: the gateway's writer does, under the
    // lock (see Writer), never a connection that happens to be the last one to close.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(handle, 0);
    files_.emplace(handle);
}

void Database::execute(const char* sql)
{
    if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle());
}

void Database::run_with(std::string_view sql, std::span<const Parameter> parameters)
{
    Rows rows(prepared(sql));
    int number = 0;
    for (const auto& parameter : parameters) {
        ++number;
        if (const auto* integer = std::get_if<std::int64_t>(&parameter)) {
            rows.bind(number, *integer);
        } else if (const auto* text = std::get_if<std::string_view>(&parameter)) {
            rows.bind(number, *text);
        } else if (const auto* blob = std::get_if<Blob>(&parameter)) {
            rows.bind(number, *blob);
        } else {
            rows.bind_null(number);
        }
    }
    while (rows.next()) {
    }
}

std::int64_t Database::integer(std::string_view sql)
{
    auto rows = query(sql);
    return rows.next() ? rows.integer(0) : 0;
}

bool Database::in_transaction() const noexcept
{
    return sqlite3_get_autocommit(handle()) == 0;
}

bool Database::is_read_only() const noexcept
{
    return sqlite3_db_readonly(handle(), "main") == 1;
}

void Database::must_have_its_files()
{
    if (const char* what = files_->whats_gone()) throw Failure(SQLITE_IOERR, what);
}

void Database::save_what_the_lost_log_has() noexcept
{
    if (!files_->may_be_saved()) return;
    sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
}

const char* Database::log_file() const noexcept
{
    return sqlite3_filename_wal(sqlite3_db_filename(handle(), "main"));
}

std::int64_t Database::last_insert_rowid() const noexcept
{
    return sqlite3_last_insert_rowid(handle());
}

std::int64_t Database::changes() const noexcept
{
    return sqlite3_changes64(handle());
}

sqlite3_stmt* Database::prepared(std::string_view sql)
{
    const auto known = statements_.find(sql);
    if (known != statements_.end()) {
        // A statement has one set of parameters: using it inside its own loop is a bug of ours.
        assert(sqlite3_stmt_busy(known->second.get()) == 0);
        return known->second.get();
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
        fail(handle());
    }
    return statements_.emplace(std::string(sql), statement).first->second.get();
}

} // namespace gatehouse::auth::sqlite
