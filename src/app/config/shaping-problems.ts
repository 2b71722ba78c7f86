// SPDX-License-Identifier: Apache-2.0
/** What is wrong with shaping rules that can be read: those that could never count, and those that say two things at once. */
import { nearest } from '../../base/nearest.ts'
import type { AddressRange } from '../../protocol/address-range.ts'
import { parseAddress } from '../../protocol/spf/client-address.ts'
import { RangeTable } from '../../queue/shaping/range-table.ts'
import { hitsHosts, type MatchedBy } from '../../queue/shaping/rule-match.ts'
import {
  type LimitName,
  type ShapedHost,
  type ShapingRule,
  ShapingRules,
} from '../../queue/shaping/rules.ts'

export interface ReadRule extends ShapingRule {
  readonly whose: 'shipped' | 'own'
  readonly file: string
  /** Where its table begins. */
  readonly line: number
  /** Names of hosts that its patterns are for. */
  readonly samples: readonly string[]
}

/** A line each, with file and line. `sources`: names of those that there are. */
export function shapingProblems(
  rules: readonly ReadRule[],
  sources: readonly string[],
): readonly string[] {
  const whole = new ShapingRules({}, rules)
  return [
    ...rules.flatMap((rule) => [
      ...emptyRule(rule, rules),
      ...idleRanges(rule),
      ...unknownNames(rule, rules, sources),
      ...sampleProblems(rule, whole),
    ]),
    ...stolenPatterns(rules),
    ...contradictions(rules),
  ]
}

function problem({ file, line, level }: ReadRule, text: string): string {
  const table = level === 'default' ? '[default]' : `[[${level}]]`
  return `${file}:${line}: ${table}: ${text}`
}

function emptyRule(rule: ReadRule, rules: readonly ReadRule[]): readonly string[] {
  if (rule.level !== 'provider' && rule.level !== 'site') return []
  const isHit = (other: ReadRule) =>
    other.level === rule.level &&
    (other === rule || (rule.level === 'provider' && other.provider === rule.provider)) &&
    hostPatterns(other.match).length > 0
  if (rules.some(isHit)) return []
  return [problem(rule, 'matches nobody, expected "mx_suffix", "mx_host" or "mx_address"')]
}

function unknownNames(
  rule: ReadRule,
  rules: readonly ReadRule[],
  sources: readonly string[],
): readonly string[] {
  if (rule.level !== 'source') return []
  const providers = [
    ...new Set(
      rules.flatMap(({ level, provider }) =>
        level === 'provider' && provider !== null ? [provider] : [],
      ),
    ),
  ]
  const missing: [string, string, readonly string[]][] = rule.match.sources
    .filter((source) => !sources.includes(source))
    .map((source) => ['source', source, sources])
  if (rule.provider !== null && !providers.includes(rule.provider))
    missing.push(['provider', rule.provider, providers])
  return missing.map(([what, name, known]) => {
    const meant = nearest(name, known)
    const advice = meant === null ? `there are: ${known.join(', ')}` : `did you mean "${meant}"?`
    return problem(rule, `can never match, since there is no ${what} "${name}"; ${advice}`)
  })
}

/** Shipped rules must show by samples that each of their patterns hits somebody, and that nobody takes them away. */
function sampleProblems(rule: ReadRule, whole: ShapingRules): readonly string[] {
  const { level, match, provider, samples, whose } = rule
  if (samples.length === 0 && whose === 'own') return []
  const table = new RangeTable(match.mxRanges)
  const hitsOf = (sample: string) => rangesOf(table, sample).map(({ text }) => text)
  const idle = [
    ...match.mxSuffixes.filter((suffix) => !samples.some((host) => host.endsWith(suffix))),
    ...match.mxHosts.filter((host) => !samples.includes(host)),
    ...match.mxRanges.filter((text) => !samples.some((host) => hitsOf(host).includes(text))),
  ].map((pattern) => problem(rule, `no sample is hit by "${pattern}"`))
  const strange = samples.flatMap((host) => {
    const isHit = match.mxRanges.length > 0 && hitsOf(host).length > 0
    if (!isHit && hitsHosts(match, [{ name: host, ranges: [] }]) === null)
      return [problem(rule, `the sample "${host}" is hit by none of its patterns`)]
    const taker = level === 'provider' ? whole.providerOf([sampleHost(host)]) : provider
    return taker === provider
      ? []
      : [problem(rule, `the sample "${host}" goes to the provider "${taker}"`)]
  })
  return [...idle, ...strange]
}

/** The same pattern in two providers. */
function stolenPatterns(rules: readonly ReadRule[]): readonly string[] {
  const owners = new Map<string, ReadRule>()
  return rules.flatMap((rule) => {
    if (rule.level !== 'provider') return []
    return hostPatterns(rule.match).flatMap((pattern) => {
      const owner = owners.get(pattern) ?? rule
      owners.set(pattern, owner)
      if (owner.provider === rule.provider) return []
      const where = `${owner.file}:${owner.line}`
      return [problem(rule, `"${pattern}" is of the provider "${owner.provider}" (${where})`)]
    })
  })
}

/** Tables of one owner for the same, with two values of one key: which one counts would be a matter of order. */
function contradictions(rules: readonly ReadRule[]): readonly string[] {
  const said = new Map<string, { readonly rule: ReadRule; readonly value: string }>()
  return rules.flatMap((rule) =>
    patternsOf(rule).flatMap((pattern) =>
      Object.entries(rule.settings).flatMap(([name, setting]) => {
        const key = JSON.stringify([rule.whose, rule.level, pattern, name])
        const value = JSON.stringify(setting?.value)
        const before = said.get(key)
        if (before === undefined) said.set(key, { rule, value })
        if (before === undefined || before.rule === rule || before.value === value) return []
        const where = `${before.rule.file}:${before.rule.settings[name as LimitName]?.origin.line}`
        return [
          problem(
            rule,
            `two values of ${name} for ${pattern}: ${value} here, ${before.value} at ${where}`,
          ),
        ]
      }),
    ),
  )
}

function patternsOf({ level, match, provider }: ReadRule): readonly string[] {
  if (level === 'default') return ['everybody']
  if (level === 'provider') return [`provider ${provider}`]
  const of = provider === null ? '' : ` at ${provider}`
  return listOf(match).map((pattern) => `${pattern}${of}`)
}

function listOf(match: MatchedBy): readonly string[] {
  return [...hostPatterns(match), ...match.domains, ...match.sources]
}

function hostPatterns({ mxHosts, mxRanges, mxSuffixes }: MatchedBy): readonly string[] {
  return [...mxSuffixes, ...mxHosts, ...mxRanges]
}

/** A range within another one of its table says nothing more. */
function idleRanges(rule: ReadRule): readonly string[] {
  const { mxRanges } = rule.match
  const table = new RangeTable(mxRanges)
  return mxRanges.flatMap((text) => {
    const [wider] = rangesOf(table, text.replace(/\/.*$/, '')).filter(
      ({ prefix }) => prefix < Number(text.replace(/^.*\//, '')),
    )
    return wider === undefined
      ? []
      : [problem(rule, `"${text}" is within "${wider.text}" of the same table, and never counts`)]
  })
}

function rangesOf(table: RangeTable, address: string): readonly AddressRange[] {
  return table.of([address])[0] ?? []
}

/** A sample as rules see a host: its name, or its address alone. */
function sampleHost(sample: string): ShapedHost {
  const isAddress = parseAddress(sample) !== null
  return isAddress ? { name: '', addresses: [sample] } : { name: sample, addresses: [] }
}
