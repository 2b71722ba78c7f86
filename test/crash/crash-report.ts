// SPDX-License-Identifier: Apache-2.0
/** The crash test in words. */
import type { CrashResult, RoundReport } from './crash-run.ts'

/** Names of those with whom something is wrong that are shown; the rest is counted. */
const SHOWN = 10

export function roundLine(report: RoundReport, rounds: number): string {
  const { round, restartMs, aliveMs, accepted, unanswered } = report
  const of = String(rounds)
  return [
    `round ${String(round).padStart(of.length)}/${of}`,
    `taking mail after ${inMs(restartMs)}`,
    `killed ${inMs(aliveMs)} later`,
    `accepted ${String(accepted).padStart(6)}`,
    `unanswered ${String(unanswered).padStart(4)}`,
  ].join('   ')
}

/** One fact a line. */
export function summary(result: CrashResult, rounds: number): string {
  const restarts = result.restartsMs.toSorted((one, other) => one - other)
  const facts: readonly (readonly [label: string, value: string | number])[] = [
    ['rounds', `${rounds} (${result.kills} kills, ${result.seconds.toFixed(0)} s)`],
    ['recipients accepted', result.accepted],
    ['  arrived', result.delivered],
    ['  bounced', result.bounced],
    ['  deferred at least once', result.deferred],
    ['never answered', `${result.unanswered}, ${result.unansweredTaken} of them taken and settled`],
    ['lost', result.lost],
    ['duplicated', result.duplicated],
    ['restart, median', inMs(restarts[restarts.length >> 1] ?? 0)],
    ['restart, longest', inMs(restarts.at(-1) ?? 0)],
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

function inMs(duration: number): string {
  return `${duration.toFixed(0).padStart(4)} ms`
}
