// SPDX-License-Identifier: Apache-2.0
/** What the programs beside the relay (benchmarks, long tests, the demo) read from their command line. Wrong usage: a sentence, and 64. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { nearest } from '../../src/base/nearest.ts'

const USAGE_EXIT = 64

/** Parses; prints `help` and ends where it was asked for, or `-h`. */
export function programOptions<const T extends ParseArgsOptionsConfig>(help: string, options: T) {
  const words = process.argv.slice(2)
  if (words.includes('--help') || words.includes('-h')) {
    console.log(`${help}\n  --help                this`)
    return process.exit(0)
  }
  try {
    return parseArgs({ args: words, options }).values
  } catch (thrown) {
    // Unknown, without its value, or with one that it does not take.
    return wrongUsage(
      `${sentenceOf(thrown as Error, ['help', ...Object.keys(options)])} Try --help.`,
    )
  }
}

/** From 1. */
export function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text)
  return wrongUsage(`--${name} ${text}: expected a whole number from 1 to 99999999`)
}

/** The one of `choices` that was named. */
export function oneOf<const C extends string>(
  name: string,
  text: string,
  choices: readonly C[],
): C {
  const found = choices.find((choice) => choice === text)
  if (found !== undefined) return found
  const meant = nearest(text, choices)
  const advice = meant === null ? '' : `; did you mean "${meant}"?`
  return wrongUsage(`--${name} ${text}: expected one of ${choices.join(', ')}${advice}`)
}

export function wrongUsage(sentence: string): never {
  console.error(sentence)
  return process.exit(USAGE_EXIT)
}

/** Of what Node has found wrong, without what it advises programmers. */
function sentenceOf({ message }: Error, names: readonly string[]): string {
  const [said = ''] = message.split(/\.\s/)
  const given = /^Unknown option '(-+)?([^']*)'/.exec(said)?.[2]
  const meant = given === undefined ? null : nearest(given, names)
  return `${said}${meant === null ? '.' : `; did you mean --${meant}?`}`
}
