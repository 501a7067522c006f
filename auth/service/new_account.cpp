#include "auth/service/new_account.hpp"

#include "auth/accounts/names.hpp"
#include "auth/accounts/passwords.hpp"

namespace gatehouse::auth {

namespace {

void read_names(const Credentials& credentials, NewAccount& account)
{
    auto& user = account.user;
    if (!credentials.username && !credentials.email) {
        account.problems.push_back({"username", "a username or an email is needed"});
    }
    if (credentials.username) {
        const auto name = read_username(*credentials.username);
        if (name) {
            user.username = name->shown;
            user.folded_username = name->folded;
        } else {
            account.problems.push_back({"username", std::string(explain(name.error()))});
        }
    }
    if (credentials.email) {
        const auto name = read_email(*credentials.email);
        if (name) {
            user.email = name->shown;
            user.folded_email = name->folded;
        } else {
            account.problems.push_back({"email", std::string(explain(name.error()))});
        }
    }
}

} // namespace

NewAccount read_new_account(const Credentials& credentials,
                            const config::PasswordSettings& passwords)
{
    NewAccount account;
    read_names(credentials, account);
    const auto password = read_new_password(credentials.password, passwords, account.user);
    if (password) {
        account.password = *password;
    } else {
        account.problems.push_back({"password", explain(password.error(), passwords)});
    }
    return account;
}

} // namespace gatehouse::auth
