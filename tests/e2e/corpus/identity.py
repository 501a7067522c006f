"""Names that a backend could take for those of an identity."""

import re

OWNED = ["x-user-id", "x-session-id", "x-user-roles", "x-remote-user"]

# R20: every spelling that a CGI- or WSGI-like backend folds to an owned name.
SPELLINGS = ["X-User-Id", "x-user-id", "X-USER-ID", "X_User_Id", "x_user_id", "X.User.Id", "X-User_Id",
             "x~user~id", "X!User.Id", "X-Session-Id", "x_session_id", "X-User-Roles", "x.user.roles",
             "X-Remote-User", "x_remote_user"]


def folded(name):
    return re.sub(r"[^a-z0-9]", "-", name.lower())
