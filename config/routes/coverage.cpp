#include "config/routes/coverage.hpp"

namespace gatehouse::config {
namespace {

bool covers(const PatternSegment& outer, const PatternSegment& inner)
{
    if (outer.kind == SegmentKind::one)
        return inner.kind == SegmentKind::one ||
               (inner.kind == SegmentKind::literal && !inner.text.empty());
    return outer == inner;
}

} // namespace

bool covers(const PathPattern& outer, const PathPattern& inner)
{
    for (std::size_t i = 0; i < outer.segments.size(); ++i) {
        if (outer.segments[i].kind == SegmentKind::rest) return true;
        if (i >= inner.segments.size()) return false;
        if (!covers(outer.segments[i], inner.segments[i])) return false;
    }
    return outer.segments.size() == inner.segments.size();
}

bool covers(const HostPattern& outer, const HostPattern& inner)
{
    switch (outer.kind) {
    case HostPattern::Kind::none:
        return true;
    case HostPattern::Kind::exact:
        return outer == inner;
    case HostPattern::Kind::wildcard:
        break;
    }
    if (inner.kind == HostPattern::Kind::exact) return matches(outer, inner.name);
    return outer == inner;
}

} // namespace gatehouse::config
