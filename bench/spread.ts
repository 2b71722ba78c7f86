// SPDX-License-Identifier: Apache-2.0
/** Statistics of a few runs and of many samples. */

/** Of several runs. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export function spreadOf(values: readonly number[]): Spread {
  const ascending = values.toSorted((one, other) => one - other)
  return {
    median: quantile(ascending, 0.5),
    lowest: ascending[0] ?? 0,
    highest: ascending.at(-1) ?? 0,
  }
}

/** Of an even count the higher of the two in the middle is the median. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0
}

/** `0.66 (0.64–0.70)`. */
export function spreadText({ median, lowest, highest }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)}–${highest.toFixed(digits)})`
}
