// Puts a data key together again that SOPS split among groups of keys (Shamir's secret sharing over GF(2^8), one byte at a time). The last
// byte of each part is its place on the polynomial.

/** The secret of parts that were all opened; undefined when they cannot belong together. Too few parts give a wrong secret. */
export function combineParts(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const length = parts[0]?.length ?? 0;
  if (parts.length < 2 || length < 2 || parts.some((part) => part.length !== length)) return undefined;
  const places = parts.map((part) => part[length - 1] ?? 0);
  if (new Set(places).size !== places.length || places.includes(0)) return undefined;
  const weights = places.map((place, index) =>
    places.reduce((weight, other, at) => (at === index ? weight : multiply(weight, divide(other, place ^ other))), 1),
  );
  return Uint8Array.from({ length: length - 1 }, (_none, at) =>
    parts.reduce((sum, part, index) => sum ^ multiply(part[at] ?? 0, weights[index] ?? 0), 0),
  );
}

/** In Rijndael's field: modulo x^8 + x^4 + x^3 + x + 1. */
function multiply(one: number, other: number): number {
  let product = 0;
  let shifted = one;
  for (let bits = other; bits > 0; bits >>= 1) {
    if ((bits & 1) === 1) product ^= shifted;
    shifted = (shifted << 1) ^ ((shifted & 0x80) === 0 ? 0 : 0x11b);
  }
  return product;
}

/** By the inverse, which is the power of 254. */
function divide(one: number, other: number): number {
  let inverse = 1;
  for (let count = 0; count < 254; count += 1) inverse = multiply(inverse, other);
  return multiply(one, inverse);
}
