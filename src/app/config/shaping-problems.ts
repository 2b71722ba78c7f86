// SPDX-License-Identifier: Apache-2.0
/** What is wrong with shaping rules that can be read: those that could never count, and those that say two things at once. */
import { nearest } from '../../base/nearest.ts'
import { hitsHosts, type MatchedBy } from '../../queue/shaping/rule-match.ts'
import { type LimitName, type ShapingRule, ShapingRules } from '../../queue/shaping/rules.ts'

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
    other.match.mxSuffixes.length + other.match.mxHosts.length > 0
  if (rules.some(isHit)) return []
  return [problem(rule, 'matches nobody, expected "mx_suffix" or "mx_host"')]
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
  const idle = [
    ...match.mxSuffixes.filter((suffix) => !samples.some((host) => host.endsWith(suffix))),
    ...match.mxHosts.filter((host) => !samples.includes(host)),
  ].map((pattern) => problem(rule, `no sample is hit by "${pattern}"`))
  const strange = samples.flatMap((host) => {
    if (hitsHosts(match, [host]) === null)
      return [problem(rule, `the sample "${host}" is hit by none of its patterns`)]
    const taker = level === 'provider' ? whole.providerOf([host]) : provider
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
    return [...rule.match.mxSuffixes, ...rule.match.mxHosts].flatMap((pattern) => {
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

function listOf({ domains, mxHosts, mxSuffixes, sources }: MatchedBy): readonly string[] {
  return [...mxSuffixes, ...mxHosts, ...domains, ...sources]
}
