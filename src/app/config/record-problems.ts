// SPDX-License-Identifier: Apache-2.0
/** Whether the configuration fits the records: tenants and streams that it names, keys that its key file sealed. */
import { messageOf } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import { PoolChoice } from '../../queue/pool-choice.ts'
import type { Directory } from '../../records/directory.ts'
import { openSigningKey } from '../../records/domains/signing-keys.ts'
import { unknownPool, unknownRecord } from '../../records/naming.ts'
import type { Slug } from '../../records/records.ts'
import type { Store } from '../../records/store.ts'
import type { Config } from './config.ts'
import type { Problem } from './problems.ts'

export function recordProblems(
  config: Config,
  directory: Directory,
  keyring: Keyring,
): readonly Problem[] {
  return [...trustedProblems(config, directory), ...keyProblems(directory, keyring)]
}

/** With another key than they were made with they would all be found by nobody. One that has its address is enough to see it. */
export async function suppressionProblems(
  store: Store,
  keyring: Keyring,
): Promise<readonly Problem[]> {
  const some = await store.suppressions.list({}, { order: 'oldest', after: null, limit: LOOKED_AT })
  const hasher = new AddressHasher(keyring)
  for (const { address, addressHash, tenant } of some) {
    if (address === null) continue
    if (Buffer.compare(hasher.hash(tenant, address as Mailbox), addressHash) === 0) return []
    const text = 'the suppressions were made with another key; keep its oldest line in the key file'
    return [{ path: ['key_file'], text }]
  }
  return []
}

const LOOKED_AT = 1_000

/** Streams that name pools which are not there; pools and their rules that name tenants and streams which are not. `serve` starts nevertheless: see ADR 36. */
export function poolRecordProblems(config: Config, directory: Directory): readonly Problem[] {
  const ofTenants = config.pools.flatMap(({ tenants }, at): Problem[] =>
    tenants.flatMap((tenant): Problem[] => {
      if (directory.tenants.has(tenant as Slug)) return []
      const { message } = unknownRecord('tenant', tenant, directory.tenants.keys())
      return [{ path: ['pool', at, 'tenant'], text: message }]
    }),
  )
  const ofStreams = streamsWithoutPool(config, directory).map(
    ({ text }): Problem => ({ path: ['pool'], text }),
  )
  return [...ofTenants, ...ofStreams, ...poolRuleRecordProblems(config, directory)]
}

function poolRuleRecordProblems({ poolRules }: Config, directory: Directory): Problem[] {
  const tenants = [...directory.tenants.keys()]
  return poolRules.flatMap((rule, at): Problem[] => {
    const streams = (rule.tenants.length === 0 ? tenants : (rule.tenants as Slug[])).flatMap(
      (tenant) => directory.streamsOf(tenant).map(({ name }): string => name),
    )
    const unknown = (key: string, names: readonly string[], known: readonly string[]) =>
      names
        .filter((name) => !known.includes(name))
        .map((name) => {
          const { message } = unknownRecord(key, name, new Set(known))
          return { path: ['pool_rule', at, key], text: message }
        })
    return [
      ...unknown('tenant', rule.tenants, tenants),
      ...unknown('stream', rule.streams, streams),
    ]
  })
}

/** In a sentence each. */
export function streamsWithoutPool(
  config: Config,
  directory: Directory,
): readonly { readonly tenant: string; readonly text: string }[] {
  const pools = new PoolChoice(() => config)
  return [...directory.tenants.keys()].flatMap((tenant) =>
    directory.streamsOf(tenant).flatMap(({ name, pool }) => {
      if (pools.knows(pool)) return []
      const text = `stream "${name}" of tenant "${tenant}": ${unknownPool(pool, pools.names)}`
      return [{ tenant, text }]
    }),
  )
}

function trustedProblems(config: Config, directory: Directory): Problem[] {
  return config.trusted.flatMap(({ tenant, stream }, at): Problem[] => {
    if (!directory.tenants.has(tenant)) {
      const { message } = unknownRecord('tenant', tenant, directory.tenants.keys())
      return [{ path: ['trusted', at, 'tenant'], text: message }]
    }
    if (stream === null || directory.stream(tenant, stream) !== null) return []
    const text = `no stream "${stream}" of tenant "${tenant}"`
    return [{ path: ['trusted', at, 'stream'], text }]
  })
}

/** One is enough to see that the key file is another one. */
function keyProblems(directory: Directory, keyring: Keyring): Problem[] {
  for (const domain of directory.domains.values())
    for (const key of directory.keysOf(domain))
      try {
        openSigningKey(keyring, key)
      } catch (thrown) {
        // Sealed by another key file, or changed in the store.
        return [{ path: ['key_file'], text: messageOf(thrown) }]
      }
  return []
}
