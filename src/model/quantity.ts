// Quantities such as 250m, 64Mi, 1.5 or 1e3 (Kubernetes, "Quantity" in the API reference).
import type { Quantity } from './generated.ts';

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const pattern = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** The plain number that a quantity stands for, or undefined when it is not a quantity. */
export function parseQuantity(quantity: Quantity): number | undefined {
  const match = pattern.exec(String(quantity));
  if (match === null) return undefined;
  const [, digits = '', exponent = '', suffix = ''] = match;
  return Number(digits + exponent) * (factors[suffix] ?? Number.NaN);
}

/** Processors in thousandths, rounded up as Kubernetes does. */
export function milliCpu(quantity: Quantity | undefined): number {
  return quantity === undefined ? 0 : Math.ceil((parseQuantity(quantity) ?? 0) * 1000 - 1e-6);
}

/** Whole bytes, rounded up. */
export function byteCount(quantity: Quantity | undefined): number {
  return quantity === undefined ? 0 : Math.ceil(parseQuantity(quantity) ?? 0);
}
