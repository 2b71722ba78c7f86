// SPDX-License-Identifier: Apache-2.0
/** What the owner of a session's socket must do. A session does no I/O. */
import type { Reply } from '../reply.ts'
import type { ClientClaim } from './xclient.ts'

export type Effect =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Reply, then read content until its end, then call `contentEnded`. */
  | { readonly kind: 'content'; readonly reply: Reply }
  /** Read so many octets; then say `refusal`, or where it is `null` take them as content. */
  | {
      readonly kind: 'chunk'
      readonly octets: number
      readonly isLast: boolean
      readonly refusal: Reply | null
    }
  /** Forget what was read ahead, reply, shake hands, then call `secured`. */
  | { readonly kind: 'start-tls'; readonly reply: Reply }
  /** From here on another client is spoken to, in a new session that begins with a greeting. */
  | ({ readonly kind: 'claim' } & ClientClaim)
  | { readonly kind: 'close'; readonly reply: Reply }
  /** `effect` takes place so much later, and until then nothing is read. */
  | { readonly kind: 'delay'; readonly milliseconds: number; readonly effect: Effect }
