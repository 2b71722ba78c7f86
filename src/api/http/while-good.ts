// SPDX-License-Identifier: Apache-2.0
/** A stream ends with what let its reader in: a key that is removed or expires, a session that ends. It says something every few seconds. */
import { seconds } from '../../base/brand.ts'
import type { ApiContext } from './api-context.ts'
import { isStillGood } from './authentication.ts'
import type { Caller } from './caller.ts'

/** Sessions are looked up in the store. */
const LOOK_EVERY = seconds(1)

export type IsGood = () => boolean | Promise<boolean>

export type GoodContext = Pick<ApiContext, 'directory'> & {
  readonly records: Pick<ApiContext['records'], 'clock'>
  readonly people: { readonly sessions: Pick<ApiContext['people']['sessions'], 'isStillOpen'> }
}

export function goodnessOf(caller: Caller, { directory, people, records }: GoodContext): IsGood {
  const { clock } = records
  if (caller.kind !== 'person') return () => isStillGood(caller, directory(), clock.now())
  let lookedAt = clock.monotonic()
  return () => {
    if (clock.monotonic() - lookedAt < LOOK_EVERY) return true
    lookedAt = clock.monotonic()
    return people.sessions.isStillOpen(caller.own)
  }
}

export async function* whileGood(
  texts: AsyncIterable<string>,
  isGood: IsGood,
  gone: AbortController,
): AsyncIterable<string> {
  for await (const text of texts) {
    if (await isGood()) yield text
    else gone.abort()
  }
}
