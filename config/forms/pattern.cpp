#include "config/forms/pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::config {
namespace {

using Row = std::pair<const Form*, std::string_view>;

const auto& patterns()
{
    static constexpr auto rows = std::to_array<Row>({
        {&forms::word,            "^[\\s\\S]"                                                  },
        {&forms::file_path,       "^[\\s\\S]"                                                  },
        {&forms::listen_address,  "^(localhost|[0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$"      },
        {&forms::store,           "^(memory$|sqlite:.|postgres(ql)?://)"                       },
        {&forms::postgres_url,    "^postgres(ql)?://"                                          },
        {&forms::network,         "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$"                             },
        {&forms::api_prefix,      "^/"                                                         },
        {&forms::path_prefix,     "^/"                                                         },
        {&forms::path_pattern,    "^/"                                                         },
        {&forms::cookie_path,     "^/"                                                         },
        {&forms::method,          "^[^a-z]+$"                                                  },
        {&forms::header_name,     "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"                              },
        {&forms::identity_header, "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"                              },
        {&forms::call_place,      "^(GET|POST|PUT|PATCH|DELETE) /"                             },
        {&forms::origin,          "^https?://"                                                 },
        {&forms::origin_or_star,  "^(\\*$|https?://)"                                          },
        {&forms::endpoint,        "^(https?://[^/?#]+|unix:/.+)$"                              },
        {&forms::hash_key,        "^(user|session|address|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+)$"},
        {&forms::dns_server,      "^(localhost|[0-9.]+):[0-9]{1,5}$"                           },
        {&forms::collector_url,   "^https?://[^/?#@]+(/[0-9A-Za-z/._~%-]*)?$"                  },
        {&forms::target,          "^(https?://[^/?#]+|unix:/.+|[A-Za-z0-9._-]{1,64})$"         },
        {&forms::server_name,     "^[0-9A-Za-z.:_-]+$"                                         },
        {&forms::upstream_name,   "^[A-Za-z0-9._-]{1,64}$"                                     },
        {&forms::request_target,  "^/"                                                         },
        {&forms::status_range,    "^[2-5]([0-9]{2}(-[2-5][0-9]{2})?|xx)$"                      },
        {&forms::retry_cause,     "^(connect|reset|timeout|502|503|504)$"                      },
        {&forms::route_name,      "^[A-Za-z0-9._-]{1,64}$"                                     },
        {&forms::role,            "^[A-Za-z0-9._:-]{1,64}$"                                    },
        {&forms::proof,           "^(passkey|totp)$"                                           },
        {&forms::content_coding,  "^(zstd|br|gzip)$"                                           },
        {&forms::media_range,     "^[a-z0-9.+-]{1,64}/([*]|[*][+])?[a-z0-9.+-]{0,64}$"         },
        {&forms::scope,           "^[!#-\\[\\]-~]{1,64}$"                                      },
        {&forms::language,        "^(de|en)$"                                                  },
        {&forms::rate_by,         "^(user|session|address|route|header:[^ ]+)$"                },
        {&forms::fingerprint,     "^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$"                     },
        {&forms::serial_number,   "^[0-9A-Fa-f]{1,40}$"                                        },
        {&forms::rate_name,       "^[A-Za-z0-9._-]{1,64}$"                                     },
        {&forms::header_value,    "^[!-~]([ -~]*[!-~])?$"                                      },
        {&forms::path_template,   "^(/|[{]path[}])"                                            },
        {&forms::redirect_target, "^(/|https?://|[{]path[}])"                                  },
    });
    return rows;
}

} // namespace

std::string_view pattern_of(const Form& form)
{
    const auto found = std::ranges::find(patterns(), &form, &Row::first);
    return found == patterns().end() ? std::string_view{} : found->second;
}

} // namespace gatehouse::config
