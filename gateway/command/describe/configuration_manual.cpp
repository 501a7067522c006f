#include "gateway/command/describe/manual.hpp"
#include "gateway/command/describe/roff.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {
namespace {

constexpr auto head = R"(.\" Made by: gatehouse manual gatehouse.yaml
.Dd November 21, 2026
.Dt GATEHOUSE.YAML 5
.Os
.Sh NAME
.Nm gatehouse.yaml
.Nd what a gateway is told
.Sh DESCRIPTION
One YAML file for
.Xr gatehouse 1 .
Every key has a default.
.Cm gatehouse check
shows every mistake in a file at once, with its place and a hint; a file with
mistakes never starts a gateway.
.Cm gatehouse init
writes a file to begin with.
.Pp
A duration is a whole number and
.Li ms , s , m , h
or
.Li d ;
a size is a whole number and
.Li B , KiB , MiB
or
.Li GiB .
Relative paths start at the folder of the file.
.Pp
In values,
.Li ${NAME}
is replaced by the variable of that name,
.Li ${NAME:\-default}
by a default where it is not set,
.Li ${file:/path}
by what the file holds, and
.Li $${
stands for itself.
)";

constexpr auto tail = R"(.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/gatehouse/gatehouse.yaml
That of the system service.
.It Pa /usr/share/gatehouse/gatehouse.schema.json
The JSON schema of it, for editors.
.El
.Sh EXAMPLES
.Bd -literal -offset indent
listen: [{address: 0.0.0.0:8080}]
store: sqlite:gatehouse.db
registration: invite
tokens: {issuer: https://api.example.com}
routes:
  \- {match: /public/**, auth: none, to: http://127.0.0.1:3000}
  \- {match: /**, to: http://127.0.0.1:3000}
.Ed
.Sh SEE ALSO
.Xr gatehouse 1
)";

std::string item(const config::ReferenceRow& row)
{
    return fmt::format(
        ".It Cm {}\n{}.br\n{}", roff::escaped(row.key), roff::paragraph(row.meaning),
        roff::paragraph(fmt::format("Default: {}; allowed: {}.", row.standard, row.allowed)));
}

std::string keys_of(const config::ReferenceSection& section)
{
    std::string text;
    if (!section.path.empty()) {
        // What says nothing at the end keeps a bracket there from being punctuation.
        text += fmt::format(".Ss {}\\&\n{}", roff::escaped(section.path),
                            roff::paragraph(section.meaning));
    }
    if (section.rows.empty()) return text;
    text += ".Bl -tag -width Ds\n";
    for (const auto& row : section.rows) text += item(row);
    return text + ".El\n";
}

} // namespace

std::string configuration_manual(const std::vector<config::ReferenceSection>& sections)
{
    std::string text = head;
    text += ".Sh KEYS\n";
    for (const auto& section : sections) text += keys_of(section);
    return text + tail;
}

} // namespace gatehouse::gateway
