// SPDX-License-Identifier: Apache-2.0
/** What is wrong with pools, beside their form: names of nothing, and what no mail could ever go by. */
import { nearest } from '../../base/nearest.ts'
import type { Config } from './config.ts'
import type { Problem } from './problems.ts'

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
    else if (overflow !== null && overflow !== 'default' && !poolNames.includes(overflow))
      wrong('overflow', unknown('pool', overflow, poolNames))
    if (quarantine !== null)
      for (const text of quarantineProblems(name, quarantine, pools)) wrong('quarantine', text)
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
  pools: Config['pools'],
): readonly string[] {
  if (quarantine === name) return ['found the pool itself, expected another one']
  const found = pools.find((pool) => pool.name === quarantine)
  if (found === undefined)
    return [
      unknown(
        'pool',
        quarantine,
        pools.map((pool) => pool.name),
      ),
    ]
  const own = pools.find((pool) => pool.name === name)?.members.map(({ source }) => source) ?? []
  const both = found.members.find(({ source }) => own.includes(source))
  const shared = both === undefined ? [] : [`found source "${both.source}" in both pools`]
  const { overflow } = found
  const back = overflow === null ? [] : [`found pool ${quarantine} with overflow "${overflow}"`]
  return [...shared, ...back].map((text) => `${text}, expected nothing that others send by`)
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  return `there is no ${what} "${name}"${meant === null ? '' : `; did you mean "${meant}"?`}`
}
