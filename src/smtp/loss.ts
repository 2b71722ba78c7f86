// SPDX-License-Identifier: Apache-2.0
/** Why a connection to a receiver is gone, as a value. */
import { type Reply, reply } from '../protocol/reply.ts'

/** Why a connection is gone. `text` is a phrase for people and DSNs; it says nothing about our insides. */
export interface Loss {
  readonly kind: 'lost'
  readonly cause: LossCause
  readonly text: string
}

/**
 * `hop`: the proxy that we go by, and not the server. `no-tls`, `untrusted`: our policy asks for more than the server has. `local`: the content could not be read here.
 * `damaged`: it is not what was accepted. `aborted`: by `Dial.abort` or `destroy`.
 */
export type LossCause =
  | 'hop'
  | 'refused'
  | 'closed'
  | 'time-out'
  | 'nonsense'
  | 'tls'
  | 'no-tls'
  | 'untrusted'
  | 'local'
  | 'damaged'
  | 'aborted'

export function isLoss(found: object): found is Loss {
  return 'kind' in found && found.kind === 'lost'
}

/** RFC 3463 §3.5: no answer from host, bad connection, protocol; §3.8: security; §3.4: system. */
const enhancedByCause = {
  hop: '4.4.1',
  refused: '4.4.1',
  closed: '4.4.2',
  'time-out': '4.4.2',
  nonsense: '4.5.0',
  tls: '4.7.0',
  'no-tls': '4.7.4',
  untrusted: '4.7.5',
  local: '4.3.0',
  damaged: '4.3.0',
  aborted: '4.4.2',
} as const satisfies Record<LossCause, string>

/** Our words for a loss, as a reply. */
export function replyOfLoss(loss: Loss, circumstance = ''): Reply {
  const code = loss.cause === 'local' || loss.cause === 'damaged' ? 451 : 421
  return reply(code, enhancedByCause[loss.cause], `${loss.text}${circumstance}`)
}
