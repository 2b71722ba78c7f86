// SPDX-License-Identifier: Apache-2.0
/** Puts what the draws came to into `docs/warmup.md`, between its marks, and the charts beside it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svgOf } from './chart.ts'
import { chartsOf, reachedChart } from './page-charts.ts'
import { type DrawScore, isIn } from './score.ts'
import { type Summary, summaryOf } from './summary.ts'

export const PAGE = fileURLToPath(new URL('../../docs/warmup.md', import.meta.url))
export const CHARTS = fileURLToPath(new URL('../../docs/charts/', import.meta.url))
const [BEGIN, END] = [
  '<!-- Written by npm run simulate -- --draws all --write. -->',
  '<!-- End. -->',
]

/** `scores`: of all draws. */
export function writePage(scores: readonly DrawScore[]): void {
  const page = readFileSync(PAGE, 'utf8')
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before === -1 || after === -1) throw new Error(`${PAGE} has no marks for the figures`)
  const held = scores.filter(({ draw }) => isIn('held-out', draw))
  const text = figures(summaryOf(scores), summaryOf(held))
  writeFileSync(PAGE, `${page.slice(0, before + BEGIN.length)}\n\n${text}\n${page.slice(after)}`)
  mkdirSync(CHARTS, { recursive: true })
  for (const [name, chart] of [...chartsOf(), reachedChart(scores)])
    writeFileSync(`${CHARTS}${name}.svg`, svgOf(chart))
}

function figures(all: Summary, held: Summary): string {
  return [
    '| strategy | draws in which it got to 50,000 a day unblocked | blocked on the way | median day | worst day |',
    '| --- | --- | --- | --- | --- |',
    ...all.strategies.map(
      ({ blocked, clean, draws, medianDay, name, worstDay }) =>
        `| ${name} | ${clean} of ${draws} | ${blocked} | ${medianDay ?? 'never'} | ${worstDay ?? 'never'} |`,
    ),
    '',
    '| target | all draws | the odd ones |',
    '| --- | --- | --- |',
    row(
      'no later than the fastest table that is not blocked',
      all,
      held,
      ({ compared, noLater }) => `${noLater} of ${compared}`,
    ),
    row('earlier than that', all, held, ({ compared, earlier }) => `${earlier} of ${compared}`),
    row('the worst draw', all, held, ({ worst }) =>
      worst === null ? '-' : `draw ${worst.draw}: ${lateText(worst.late)}`,
    ),
    row('blocked in any of 60 days', all, held, ({ blockedEver }) =>
      blockedEver.length === 0 ? 'none' : `${blockedEver.length}: draws ${blockedEver.join(', ')}`,
    ),
    row(
      'hostile on day 10: paused within an hour',
      all,
      held,
      ({ hostile }) =>
        `${hostile.pausedWithinHour} of ${hostile.draws}, the slowest after ${hostile.slowest} minutes`,
    ),
    row(
      'hostile: as much as before again',
      all,
      held,
      ({ hostile }) =>
        `${hostile.recovered} of ${hostile.draws}, median ${hostile.medianRecovery} days after its end, worst ${hostile.worstRecovery}`,
    ),
    '',
  ].join('\n')
}

function row(name: string, all: Summary, held: Summary, figure: (summary: Summary) => string) {
  return `| ${name} | ${figure(all)} | ${figure(held)} |`
}

function lateText(late: number): string {
  if (late === 0) return 'on the same day'
  if (late < 0) return `${-late} days earlier`
  return Number.isFinite(late) ? `${late} days later` : 'never got there'
}
