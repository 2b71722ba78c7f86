// SPDX-License-Identifier: Apache-2.0
/** Readers of option values; commander says the option and the value before what they throw. */
import { InvalidArgumentError, Option } from 'commander'
import type { DurationMs } from '../../base/brand.ts'
import { parseDuration } from '../../base/quantity.ts'

export function durationArgument(text: string): DurationMs {
  const duration = parseDuration(text)
  if (duration === null || duration <= 0)
    throw new InvalidArgumentError('Expected a length of time with its unit, such as 90s or 3d.')
  return duration
}

/** Separated by commas. */
export function durationsArgument(text: string): readonly DurationMs[] {
  return text.split(',').map((part) => durationArgument(part.trim()))
}

/** A reader of whole numbers of `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most))
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return number
  }
}

/** Separated by commas; an empty text is an empty list. */
export function listArgument(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export interface SortOption {
  readonly sort?: string
}

export interface StateOption {
  readonly state?: string
}

/** Of a list; which states its items have its relay says. */
export function stateOption(): Option {
  return new Option('--state <state>', 'only those in this state')
}

/** Of a list; which fields it has its relay says. */
export function sortOption(): Option {
  return new Option('--sort <field>', 'in the order of a field; with - before it, the last first')
}
