#pragma once

#include "auth/store/postgres/connection.hpp"
#include "config/basics/result.hpp"

namespace gatehouse::auth::postgres {

/// Makes the tables, in a schema `gatehouse` of their own, or brings those of an older version up
/// to date. Any number of processes may do so at the same time: one does the work, the others wait
/// for it or fail and try again. The error is for the operator: a newer Gatehouse wrote this.
/// Throws Failure.
[[nodiscard]] Result<void, std::string> bring_up_to_date(Connection& connection);

/// The same, tried again as long as others who do it are in the way.
[[nodiscard]] Result<void, std::string> bring_up_to_date_beside_others(Connection& connection);

/// What is there, version 0 when nothing is, and what bring_up_to_date would make of it.
struct SchemaVersion {
    std::int64_t version = 0;
    std::int64_t usable_from = 0; // the oldest version of a program that can work with it
};

[[nodiscard]] SchemaVersion schema_version(Connection& connection);
[[nodiscard]] std::int64_t newest_schema_version() noexcept;

/// The same judgement, without making anything: no tables are fine, they are still to come.
[[nodiscard]] Result<void, std::string> require_usable(Connection& connection);

} // namespace gatehouse::auth::postgres
