// SPDX-License-Identifier: Apache-2.0
/** What a draft says of a message that neither a gate nor a quota refuses. */
import type { Acceptance } from '../../src/accept/acceptor.ts'
import type { Reply } from '../../src/protocol/reply.ts'

export function refused(reply: Reply): Acceptance {
  return { kind: 'refused', reply, check: null, until: null }
}
