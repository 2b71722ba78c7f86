// SPDX-License-Identifier: Apache-2.0
/** Limits of a path in words: each with where it is written, and which of them binds now. */
import { type DurationMs, plus } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { clientTimeouts, queueLimits } from '../../base/limits/limits.ts'
import { formatDuration, formatRate, type RateLimit } from '../../base/quantity.ts'
import { flowInWords, valueInWords } from '../../delivery/site/limit-event.ts'
import type { PathShaper } from '../../delivery/site/path-shaper.ts'
import { timestampOf } from '../../events/event.ts'
import type { FlowWait } from '../../queue/flow-gate.ts'
import { aspects } from '../../queue/shaping/lesson.ts'
import { flowOf, type Learned, type Lessons, rateOf } from '../../queue/shaping/lessons.ts'
import type {
  EffectiveLimits,
  LimitName,
  LimitValues,
  Origin,
  Setting,
  Settings,
} from '../../queue/shaping/rules.ts'
import { allTimeouts, isTimeout, timeoutNames } from '../../queue/shaping/timeouts.ts'

export interface LimitRow {
  /** As in a rules file. */
  readonly name: string
  /** `10`, `100/s`, `30 s`; `unset`, with what holds then where that is not without limit. */
  readonly value: string
  /** `config/shaping/providers.toml:18`, or `built in`; `learned: …` with what the receiver said. */
  readonly origin: string
}

/** Where a path stands. */
export interface PathLimits {
  readonly provider: string | null
  readonly limits: readonly LimitRow[]
  /** What keeps it from more now, in words; `null`: nothing does. */
  readonly binds: string | null
  /** Where that is written, or `learned`; `null` for what is in no file. */
  readonly bindsFrom: string | null
  /** When it may go on; `null` where nothing binds, or another connection has to close first. */
  readonly until: string | null
}

const order = [
  'connections',
  'providerConnections',
  'reservedConnections',
  'connectionRate',
  'providerConnectionRate',
  'messageRate',
  'providerMessageRate',
  'warmUp',
  'messagesPerConnection',
  'recipientsPerTransaction',
] as const satisfies readonly LimitName[]

/** Those that somebody has said, and those that the program begins with; of time-outs the former. */
export function limitRows({ settings }: EffectiveLimits): readonly LimitRow[] {
  const said = allTimeouts.filter((name) => settings[name]?.origin.line !== 0)
  return rowsOf([...order, ...said], settings)
}

/** How long the receiver may take for each step, whoever says it. */
export function timeoutRows({ settings }: EffectiveLimits): readonly LimitRow[] {
  return allTimeouts.flatMap((name) => {
    const value = formatDuration(clientTimeouts[timeoutNames[name]])
    return settings[name] === undefined
      ? [{ name: inFile(name), value, origin: 'built in' }]
      : rowsOf([name], settings)
  })
}

function rowsOf(names: readonly LimitName[], settings: Settings): readonly LimitRow[] {
  return names.flatMap((name) => {
    const setting = settings[name]
    return setting === undefined ? [] : [rowOf(name, setting)]
  })
}

/** Of a path over which nothing goes now. `learned`: below the rules, from replies. */
export function limitsAtRest(limits: EffectiveLimits, learned: Learned | null = null): PathLimits {
  const rows = withLearned(limitRows(limits), learned)
  return { provider: limits.provider, limits: rows, binds: null, bindsFrom: null, until: null }
}

/** What was learned stands in the place of the rule that it is below. */
function withLearned(rows: readonly LimitRow[], learned: Learned | null): readonly LimitRow[] {
  if (learned === null) return rows
  const changed = new Map(rows.map((row) => [row.name, row]))
  for (const aspect of aspects) {
    const known = learned[aspect]
    if (known === undefined) continue
    const name = inFile(aspect)
    const rule = changed.get(name)
    const instead = rule === undefined ? '' : `instead of ${rule.value} (${rule.origin}), `
    const origin = `learned: ${instead}since ${known.words}`
    changed.set(name, { name, value: valueInWords(aspect, known.value), origin })
  }
  return [...order, ...allTimeouts].flatMap((name) => changed.get(inFile(name)) ?? [])
}

/** `waiting`: recipients in the site's window. */
export function limitsNow(shaper: PathShaper, waiting: number, clock: Clock): PathLimits {
  const view = limitsAtRest(shaper.limits, shaper.learned)
  const { binding } = shaper
  if (binding === null || waiting === 0) return view
  const left = binding.until === null ? null : binding.until - clock.monotonic()
  if (left !== null && left <= 0) return view
  const until = left === null ? null : timestampOf(plus(clock.now(), left as DurationMs))
  const row = view.limits.find(
    ({ name }) => binding.limit !== null && name === inFile(binding.limit),
  )
  if (row === undefined) return { ...view, binds: 'what the control process lends', until }
  const bindsFrom =
    binding.limit === 'warmUp' ? null : row.origin.replace(/^learned: .*/s, 'learned')
  return { ...view, binds: `${row.name} ${row.value}`, bindsFrom, until }
}

/** What was learned of tenants and campaigns at a provider, or at a site that has none. */
export interface FlowRow extends LimitRow {
  /** `of tenant shop at google`. */
  readonly whose: string
}

export function flowRows({ flows }: Lessons, place: string): readonly FlowRow[] {
  return [...(flows.at(place) ?? [])].flatMap(([key, { messageRate }]) => {
    const flow = flowOf(key)
    if (flow === null || messageRate === undefined) return []
    const value = valueInWords('messageRate', messageRate.value)
    const origin = `learned: since ${messageRate.words}`
    return [{ whose: flowInWords(flow), name: 'message_rate', value, origin }]
  })
}

/** `message_rate 30/min of tenant shop at google, again at …`. */
export function waitInWords({ key, learned, until }: FlowWait, clock: Clock): string {
  const flow = flowOf(key)
  const value = valueInWords('messageRate', learned.messageRate?.value ?? 0)
  const what = `message_rate ${value} ${flow === null ? '' : flowInWords(flow)}`
  if (until === null) return what
  const left = Math.max(0, until - clock.monotonic()) as DurationMs
  return `${what}, again at ${timestampOf(plus(clock.now(), left))}`
}

/** Messages a second that all paths of a site may send together, and what waits for `slowed`; `null`: as fast as it goes. */
export function paceOf(
  shapers: Iterable<PathShaper>,
  slowed: FlowWait | null = null,
): number | null {
  const ofPaths = paceOfPaths(shapers)
  const rate = slowed?.learned.messageRate
  if (rate === undefined) return ofPaths
  return Math.min(ofPaths ?? Number.POSITIVE_INFINITY, rate.value / 60)
}

function paceOfPaths(shapers: Iterable<PathShaper>): number | null {
  let pace = 0
  for (const { learned, limits } of shapers) {
    const { messageRate, providerMessageRate, warmUp } = limits.settings
    const rates = [messageRate?.value, providerMessageRate?.value, warmUp?.value].filter(
      (rate) => rate != null,
    )
    if (learned?.messageRate !== undefined) rates.push(rateOf(learned.messageRate.value))
    if (rates.length === 0) return null
    pace += Math.min(...rates.map(({ count, per }) => (1_000 * count) / per))
  }
  return pace
}

function rowOf(name: LimitName, { origin, value }: Setting<LimitValues[LimitName]>): LimitRow {
  return {
    name: inFile(name),
    value: value === null ? unsetText(name) : valueText(name, value),
    origin: placeOf(origin),
  }
}

function valueText(name: LimitName, value: NonNullable<LimitValues[LimitName]>): string {
  if (typeof value === 'object') return rateText(value)
  return isTimeout(name) ? formatDuration(Number(value)) : String(value)
}

/** What is unset is without limit, or as the program has it. */
function unsetText(name: LimitName): string {
  if (isTimeout(name)) return `unset, so ${formatDuration(clientTimeouts[timeoutNames[name]])}`
  if (name === 'recipientsPerTransaction')
    return `unset, so ${queueLimits.recipientsPerTransaction}`
  return 'unset'
}

/** `config/shaping/providers.toml:18`, or `built in`. */
export function placeOf({ file, line }: Origin): string {
  return line === 0 ? file : `${file}:${line}`
}

/** A rate of nothing is a warm-up that is paused. */
function rateText(rate: RateLimit): string {
  return rate.count === 0 ? 'paused' : formatRate(rate)
}

/** As in a rules file; the warm-up stands in none. */
function inFile(name: LimitName): string {
  if (name === 'warmUp') return 'warm-up'
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
