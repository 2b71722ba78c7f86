// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run simulate`: strategies against model providers on a simulated clock, a line a day. `--draws HALF` plays all draws and sums
 * up; `--write` puts figures and charts of that into `docs/warmup.md`.
 */
import { oneOf, programOptions, wholeNumber, wrongUsage } from '../support/program-options.ts'
import { type Day, inboxShare } from './day-log.ts'
import { draws, FROZEN_SEED, hostileDraws } from './draws.ts'
import { type Model, modelOf, readModel } from './model.ts'
import { type Play, play, type StrategyName, strategyNames } from './play.ts'
import { type DrawScore, type Half, scoreDraws } from './score.ts'
import { writePage } from './score-page.ts'
import { summaryOf } from './summary.ts'

const HELP = `Usage: npm run simulate -- [options]
  --seed <n>        of everything that is drawn (default 1)
  --model <file>    a provider and a list, TOML or JSON (docs/warmup.md); default: middle of the road
  --draw <n>        one of the 200 frozen draws instead; --hostile: the one that turns hostile on day 10
  --strategy <name> ${strategyNames.join(', ')} (default: the last)
  --days <n>        (default 60)
  --offered <n>     messages a day (default 1000000)
  --recipients <n>  that a day is played with at most, each standing for several (default 20000)
  --json            one line of JSON with all days
  --drawn-by <seed> 200 other draws by the same rules, for --draw and --draws
  --draws <half>    all strategies over the draws: tuned, held-out or all
  --write           with --draws all: figures and charts into docs/warmup.md`

const HEADER = [
  'day',
  'allowed',
  'offered',
  'delivered',
  'deferred',
  'blocked',
  'inbox',
  'complaints',
  'bounced',
  'reputation',
]

const values = programOptions(HELP, {
  seed: { type: 'string', default: '1' },
  model: { type: 'string' },
  draw: { type: 'string' },
  hostile: { type: 'boolean', default: false },
  strategy: { type: 'string', default: 'posthaste' },
  days: { type: 'string', default: '60' },
  offered: { type: 'string', default: '1000000' },
  recipients: { type: 'string', default: '20000' },
  json: { type: 'boolean', default: false },
  draws: { type: 'string' },
  'drawn-by': { type: 'string', default: String(FROZEN_SEED) },
  write: { type: 'boolean', default: false },
})

if (values.draws === undefined) showPlay()
else showDraws(values.draws)

function showPlay(): void {
  const model = modelToPlay()
  const name = oneOf('strategy', values.strategy, strategyNames)
  const played = play(name, model, {
    seed: number('seed'),
    days: number('days'),
    detail: number('recipients'),
    offered: number('offered'),
    daysAfter: null,
  })
  if (values.json) console.log(JSON.stringify({ model, ...played, days: played.days.map(rowOf) }))
  else printPlay(name, model, played)
}

function printPlay(name: StrategyName, model: Model, { blocks, days, reached }: Play): void {
  console.log(`${name} against ${model.name}`)
  console.log(HEADER.map((title) => title.padStart(10)).join(''))
  for (const day of days) {
    const { decisions, ...row } = rowOf(day)
    console.log(
      Object.values(row)
        .map((value) => String(value ?? '-').padStart(10))
        .join(''),
    )
    for (const { text } of decisions) console.log(`${' '.repeat(12)}${text}`)
  }
  const when = reached === null ? 'never' : `on day ${reached}`
  console.log(`50,000 a day: ${when}. Blocked ${blocks} times.`)
}

function rowOf(day: Day) {
  return {
    day: day.day,
    allowance: day.allowance,
    offered: Math.round(day.offered),
    delivered: day.delivered,
    deferred: day.deferred,
    blocked: day.refused,
    inboxShare: Number(inboxShare(day).toFixed(3)),
    complaints: day.complaints,
    bounced: day.bounced,
    reputation: Number(day.reputation.toFixed(3)),
    decisions: day.decisions,
  }
}

function modelToPlay(): Model {
  if (values.model !== undefined) return readModel(values.model)
  if (values.draw === undefined) return modelOf({ name: 'the middle of the road' }, 'built in')
  const all = values.hostile ? hostileDraws(number('drawn-by')) : draws(number('drawn-by'))
  return all[Number(values.draw)] ?? wrongUsage(`--draw: expected 0 to ${all.length - 1}`)
}

function showDraws(name: string): void {
  const half = oneOf('draws', name, ['tuned', 'held-out', 'all'])
  const seed = number('drawn-by')
  const tell = ({ draw }: DrawScore) => {
    if (!values.json) process.stderr.write(`draw ${draw}\r`)
  }
  const scores = scoreDraws(half satisfies Half, strategyNames, tell, seed)
  if (values.write && seed === FROZEN_SEED) writePage(scores)
  console.log(JSON.stringify(summaryOf(scores), null, values.json ? 0 : 2))
}

function number(name: 'seed' | 'days' | 'offered' | 'recipients' | 'drawn-by'): number {
  return wholeNumber(name, values[name])
}
