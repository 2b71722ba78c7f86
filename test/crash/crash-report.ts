// SPDX-License-Identifier: Apache-2.0
/** The crash test in words. */
import type { CrashResult, RoundReport } from './crash-run.ts'

/** Names of those with whom something is wrong that are shown; the rest is counted. */
const SHOWN = 10

export function roundLine(report: RoundReport, rounds: number): string {
  const { round, restartMs, victim, aliveMs, accepted, unanswered } = report
  const of = String(rounds)
  return [
    `round ${String(round).padStart(of.length)}/${of}`,
    `taking mail after ${inMs(restartMs)}`,
    `${victim.padEnd(14)} killed ${inMs(aliveMs)} later`,
    `accepted ${String(accepted).padStart(6)}`,
    `unanswered ${String(unanswered).padStart(4)}`,
  ].join('   ')
}

type Fact = readonly [label: string, value: string | number]

/** One fact a line. */
export function summary(result: CrashResult): string {
  const facts: readonly Fact[] = [
    [
      'rounds',
      `${result.rounds} (${result.kills} kills, ${result.wholeKills} of all processes, ${result.seconds.toFixed(0)} s)`,
    ],
    ['recipients accepted', result.accepted],
    ['  arrived', result.delivered],
    ['  bounced', result.bounced],
    ['  deferred at least once', result.deferred],
    ['never answered', `${result.unanswered}, ${result.unansweredTaken} of them taken and settled`],
    ['lost', result.lost],
    ['duplicated', result.duplicated],
    ...times('restart', result.restartsMs),
    ...times('replacement', result.replacementsMs),
    ...times('end of orphans', result.orphansMs),
  ]
  return facts.map(([label, value]) => `${label.padEnd(24)}  ${value}`).join('\n')
}

/** What must not be. */
export function faultLines({ faults }: CrashResult): readonly string[] {
  return faults.flatMap(({ what, who }) => [
    `WRONG  ${what}: ${who.length}`,
    ...who.slice(0, SHOWN).map((one) => `       ${one}`),
  ])
}

function times(what: string, measured: readonly number[]): readonly Fact[] {
  const sorted = measured.toSorted((one, other) => one - other)
  const longest = sorted.at(-1)
  if (longest === undefined) return []
  return [
    [`${what}, median`, inMs(sorted[sorted.length >> 1] ?? longest)],
    [`${what}, longest`, inMs(longest)],
  ]
}

function inMs(duration: number): string {
  return `${duration.toFixed(0).padStart(4)} ms`
}
