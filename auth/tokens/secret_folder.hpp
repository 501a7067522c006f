#pragma once

#include "auth/jose/key.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <map>
#include <string>

namespace gatehouse::auth {

/// The files of a folder by name, hidden ones left out, all as they were at one moment where the
/// folder is swapped as a whole by its symbolic link `..data`, as Kubernetes does with a mounted
/// Secret. Errors: sentences; also a file that others than its owner could write, a folder in it,
/// more than 64 KiB. `try_again`: it was swapped meanwhile.
[[nodiscard]] Result<std::map<std::string, Secret>, jose::KeyError>
read_secret_folder(const std::string& path);

} // namespace gatehouse::auth
