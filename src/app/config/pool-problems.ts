// SPDX-License-Identifier: Apache-2.0
/** What is wrong with pools, beside their form: names of nothing, and what no mail could ever go by. */
import { nearest } from '../../base/nearest.ts'
import { DEFAULT_POOL } from '../../queue/egress-pool.ts'
import type { Config } from './config.ts'
import type { Problem } from './problems.ts'

/** Rules of pools that no mail could go by, and rules that say the same again. */
export function poolRuleProblems({ poolRules, pools }: Pick<Config, 'pools' | 'poolRules'>) {
  const names = [...new Set([DEFAULT_POOL, ...pools.map(({ name }) => name)])]
  const seen = new Map<string, number>()
  return poolRules.flatMap(({ pool, ...conditions }, at): Problem[] => {
    const path = ['pool_rule', at]
    const said = JSON.stringify(conditions)
    const first = seen.get(said)
    if (first === undefined) seen.set(said, at)
    const problems: Problem[] = []
    if (!names.includes(pool))
      problems.push({ path: [...path, 'pool'], text: unknown('pool', pool, names) })
    if (Object.values(conditions).every((list) => list.length === 0))
      problems.push({
        path,
        text: 'means all mail, expected "tenant", "stream", "campaign", "domain" or "provider"; what no rule means goes from the pool "default"',
      })
    else if (first !== undefined)
      problems.push({ path, text: `means the same mail as rule ${first + 1}, which comes first` })
    return problems
  })
}

export function poolProblems({ pools, sources }: Pick<Config, 'pools' | 'sources'>): Problem[] {
  const sourceNames = sources.map(({ name }) => name as string)
  const poolNames = pools.map(({ name }) => name)
  const ownerOf = new Map<string, string>()
  return pools.flatMap(({ members, name, overflow, quarantine, tenants }, at): Problem[] => {
    const problems: Problem[] = []
    const wrong = (key: string, text: string) => problems.push({ path: ['pool', at, key], text })
    for (const { source } of members)
      if (!sourceNames.includes(source)) wrong('source', unknown('source', source, sourceNames))
    if (new Set(members.map(({ source }) => source)).size < members.length)
      wrong('source', 'found a source twice, expected each once')
    if (overflow === name) wrong('overflow', 'found the pool itself, expected another one')
    else if (overflow !== null && overflow !== DEFAULT_POOL && !poolNames.includes(overflow))
      wrong('overflow', unknown('pool', overflow, poolNames))
    if (quarantine !== null)
      for (const text of quarantineProblems(name, quarantine, { pools, sources }))
        wrong('quarantine', text)
    for (const tenant of tenants) {
      const owner = ownerOf.get(tenant)
      if (owner !== undefined) wrong('tenant', `found "${tenant}", which pool ${owner} has already`)
      else ownerOf.set(tenant, name)
    }
    return problems
  })
}

/** What goes there must cost nobody in `name`. */
function quarantineProblems(
  name: string,
  quarantine: string,
  { pools, sources }: Pick<Config, 'pools' | 'sources'>,
): readonly string[] {
  if (quarantine === name) return ['found the pool itself, expected another one']
  const names = pools.map((pool) => pool.name)
  if (quarantine !== DEFAULT_POOL && !names.includes(quarantine))
    return [unknown('pool', quarantine, names)]
  const membersOf = (pool: string) => membersIn(pool, { pools, sources })
  const both = membersOf(quarantine).find((source) => membersOf(name).includes(source))
  const shared = both === undefined ? [] : [`found source "${both}" in both pools`]
  const overflow = pools.find((pool) => pool.name === quarantine)?.overflow ?? null
  const back = overflow === null ? [] : [`found pool ${quarantine} with overflow "${overflow}"`]
  return [...shared, ...back].map((text) => `${text}, expected nothing that others send by`)
}

/** Names of sources, also of the default pool where it is what no pool has. */
function membersIn(
  pool: string,
  { pools, sources }: Pick<Config, 'pools' | 'sources'>,
): readonly string[] {
  const found = pools.find(({ name }) => name === pool)
  if (found !== undefined) return found.members.map(({ source }) => source)
  const taken = pools.flatMap(({ members }) => members.map(({ source }) => source))
  const all = sources.map(({ name }) => name as string)
  const free = all.filter((source) => !taken.includes(source))
  return free.length > 0 ? free : all
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  return `there is no ${what} "${name}"${meant === null ? '' : `; did you mean "${meant}"?`}`
}
