// Where a sign-in may lead. The same rule as gateway/portal/return_to.cpp, held by the same table:
// whoever writes a link chooses this text, so what two programs could read in two ways is refused.

const longest = 2048;
const deepest = 3;

function isDoubtful(path) {
  return path.includes('//') || path.includes('\\') || /[\x00-\x1f\x7f]/.test(path) ||
    path.split('/').some((segment) => segment === '.' || segment === '..' || /^ | $/.test(segment));
}

function decoded(path) {
  return path.replace(/%([0-9a-f]{2})/gi, (whole, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** The path of one of the origins, or of none. */
function behindOrigin(place, origins) {
  for (const origin of origins) {
    if (!place.startsWith(origin)) continue;
    const rest = place.slice(origin.length);
    if (rest === '') return '/';
    if (rest.startsWith('/')) return rest;
  }
  return place;
}

export function mayReturnTo(place, origins) {
  if (place.length > longest || !/^[\x21-\x7e]+$/.test(place)) return false;
  const rest = behindOrigin(place, origins);
  if (!rest.startsWith('/')) return false;
  let path = rest.split(/[?#]/, 1)[0];
  for (let depth = 0; depth <= deepest; depth += 1) {
    if (isDoubtful(path)) return false;
    const inner = decoded(path);
    if (inner === path) return true;
    path = inner;
  }
  return false;
}

/** Where to go after a sign-in on this page; the account where nothing else is asked for or allowed. */
export function placeAfter(page, allowed) {
  const origins = [page.origin, ...allowed];
  const places = new URLSearchParams(page.search).getAll('return_to');
  if (places.length !== 1 || !mayReturnTo(places[0], origins)) return new URL('account', page.href).href;
  const place = new URL(places[0], page.origin);
  return origins.includes(place.origin) ? place.href : new URL('account', page.href).href;
}
