// SPDX-License-Identifier: Apache-2.0
/** Reads the shaping rules: those that come with the program, then the operator's own; a later file wins. */
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RelayError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import { type MatchedBy, nobody } from '../../queue/shaping/rule-match.ts'
import {
  type Level,
  type LimitName,
  type Origin,
  type Settings,
  ShapingRules,
} from '../../queue/shaping/rules.ts'
import { isTimeout } from '../../queue/shaping/timeouts.ts'
import type { Config } from './config.ts'
import { KeyLines, type KeyPath } from './key-lines.ts'
import { patternText } from './key-types.ts'
import { parseToml, readText, rejectProblems } from './load-config.ts'
import { configError, type Problem, problemsOf } from './problems.ts'
import { type ReadRule, shapingProblems } from './shaping-problems.ts'
import { limitKeys, type ShapingTables, shapingSchema } from './shaping-schema.ts'
import { tomlFilesIn } from './toml-folder.ts'

/** In a checkout and in the package. */
const SHIPPED = fileURLToPath(new URL('../../../config/shaping', import.meta.url))

/** Throws `RLY_CONFIG_INVALID` with the file and line of each mistake; also of rules that could never count. */
export function readShaping(config: Config): ShapingRules {
  const { shaping } = config.delivery
  const rules = [
    ...rulesIn(SHIPPED, 'shipped'),
    ...(shaping === null ? [] : rulesIn(shaping, 'own')),
  ]
  const problems = shapingProblems(
    rules,
    config.sources.map(({ name }) => name),
  )
  if (problems.length > 0) throw new RelayError('RLY_CONFIG_INVALID', problems.join('\n'))
  const whole = new ShapingRules(baseOf(config), rules)
  rejectProblems(config, unknownProviders(config, whole.providers))
  return whole
}

/** Of rules that choose pools: only shaping rules give providers their names. */
function unknownProviders({ poolRules }: Config, known: readonly string[]): readonly Problem[] {
  return poolRules.flatMap(({ providers }, at) =>
    providers
      .filter((provider) => !known.includes(provider))
      .map((provider): Problem => {
        const meant = nearest(provider, known)
        const advice =
          meant === null ? `there are: ${known.join(', ')}` : `did you mean "${meant}"?`
        return {
          path: ['pool_rule', at, 'provider'],
          text: `no shaping rule names a provider "${provider}"; ${advice}`,
        }
      }),
  )
}

/** What the configuration itself says for every path. */
function baseOf({ delivery, file }: Config): Settings {
  const lines = new KeyLines(readText(file))
  const originOf = (path: KeyPath): Origin => {
    const line = lines.exactLineOf(['delivery', ...path])
    return { level: 'default', file: line === null ? 'built in' : file, line: line ?? 0 }
  }
  return {
    ...timeoutsIn(delivery, (key) => originOf(['timeouts', key])),
    connections: {
      value: delivery.connectionsPerSite,
      origin: originOf(['connections_per_site']),
    },
    messagesPerConnection: {
      value: delivery.messagesPerConnection,
      origin: originOf(['messages_per_connection']),
    },
  }
}

/** `connect` in `[delivery.timeouts]` is `connect_timeout` in a rule. */
function timeoutsIn({ timeouts }: Config['delivery'], originOf: (key: string) => Origin): Settings {
  const given = Object.entries(limitKeys).flatMap(([key, name]) => {
    if (!isTimeout(name)) return []
    const value = timeouts[name.replace(/Timeout$/, '') as keyof typeof timeouts]
    return [[name, { value, origin: originOf(key.replace(/_timeout$/, '')) }]]
  })
  return Object.fromEntries(given)
}

function rulesIn(folder: string, whose: ReadRule['whose']): readonly ReadRule[] {
  return tomlFilesIn(folder, 'shaping rules').flatMap((file) => rulesOf(file, whose))
}

/** Rules in the order of the file's tables. */
function rulesOf(file: string, whose: ReadRule['whose']): readonly ReadRule[] {
  const text = readText(file)
  const raw = parseToml(text, file)
  const lines = new KeyLines(text)
  const parsed = shapingSchema.safeParse(raw)
  if (!parsed.success)
    throw configError(file, lines, problemsOf(parsed.error.issues, raw, shapingSchema))
  const { domain, provider, site, source } = parsed.data
  const everybody = parsed.data.default
  const shown = whose === 'shipped' ? join('config/shaping', relative(SHIPPED, file)) : file
  const read = (level: Level, at: number | null, table: object) => {
    const path: KeyPath = at === null ? [level] : [level, at]
    return { whose, file: shown, line: lines.lineOf(path), level, ...settingsOf(table, path) }
  }
  const settingsOf = (table: object, path: KeyPath): { readonly settings: Settings } => {
    const given = Object.entries(limitKeys).flatMap(([key, name]) => {
      const value = (table as Record<string, unknown>)[key]
      if (value === undefined) return []
      const origin = {
        level: path[0] as Level,
        file: shown,
        line: lines.lineOf([...path, key]),
      }
      return [[name satisfies LimitName, { value, origin }]]
    })
    return { settings: Object.fromEntries(given) }
  }
  return [
    ...(everybody === undefined
      ? []
      : [{ ...read('default', null, everybody), provider: null, match: nobody, samples: [] }]),
    ...provider.map((table, at) => ({
      ...read('provider', at, table),
      provider: table.name as string,
      match: hostsOf(table),
      samples: table.samples,
    })),
    ...site.map((table, at) => ({
      ...read('site', at, table),
      provider: null,
      match: hostsOf(table),
      samples: table.samples,
    })),
    ...domain.map((table, at) => ({
      ...read('domain', at, table),
      provider: null,
      match: { ...nobody, domains: table.domain.map(patternText) },
      samples: [],
    })),
    ...source.map((table, at) => ({
      ...read('source', at, table),
      provider: table.provider as string | null,
      match: { ...nobody, sources: table.source as readonly string[] },
      samples: [],
    })),
  ]
}

function hostsOf(table: ShapingTables['site'][number]): MatchedBy {
  return {
    ...nobody,
    mxSuffixes: table.mx_suffix,
    mxHosts: table.mx_host,
    mxRanges: table.mx_address,
  }
}
