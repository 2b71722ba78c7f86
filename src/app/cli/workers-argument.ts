// SPDX-License-Identifier: Apache-2.0
/** How many workers: a number, or one a core. */
import { availableParallelism } from 'node:os'
import { InvalidArgumentError } from 'commander'

/** Journals are numbered in 16 bits; nobody has so many cores. */
const MOST_WORKERS = 256

export function workersArgument(text: string): number {
  if (text === 'auto') return availableParallelism()
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > MOST_WORKERS)
    throw new InvalidArgumentError(`Expected "auto" or a number from 1 to ${MOST_WORKERS}.`)
  return count
}
