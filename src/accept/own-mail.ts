// SPDX-License-Identifier: Apache-2.0
/** Mail that the relay itself writes (DSNs, later forwards): the same way in, without AUTH or a listener. */
import type { Envelope } from '../protocol/envelope.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import type { Slug, Stream } from '../records/records.ts'
import { retrySchedules, usualStream } from '../records/stream-defaults.ts'
import type { Acceptance } from './acceptor.ts'
import { ownGate } from './gate/gate.ts'
import { type AcceptContext, MessageDraft } from './message-draft.ts'

const OURS = { address: '127.0.0.1', helo: '', protocol: 'LOCAL', tls: null } as const

/** A message with what its envelope must say. */
export interface OwnContent
  extends Pick<Envelope, 'body' | 'smtputf8' | 'requireTls' | 'priority'> {
  readonly content: Uint8Array
  /** `keep`: as it is, where that matters more than that every receiver takes it. */
  readonly eightBit?: 'keep'
}

/** Whose mail it is about, and of which kind. */
export interface OwnSubmitter {
  readonly tenant: Slug
  readonly stream: Slug
  /** It is about mail of the sandbox, and stays there too. */
  readonly sandbox: boolean
}

/** Always from the null reverse-path (RFC 5321 §4.5.5), and never reported on (RFC 3461 §4.1). */
export async function submitOwnMail(
  context: AcceptContext,
  about: OwnSubmitter,
  recipient: Mailbox,
  { content, eightBit, ...wishes }: OwnContent,
): Promise<Acceptance> {
  const envelope = {
    reversePath: null,
    recipients: [{ forwardPath: recipient, notify: [], originalRecipient: null }],
    ret: null,
    envid: null,
    ...wishes,
  } as const
  // What it returns of a message may be 8-bit, and whom it goes to may not take that. With SMTPUTF8 they must.
  const policy = wishes.smtputf8 ? 'keep' : (eightBit ?? 'quoted-printable')
  const stream = { ...streamOf(context, about), eightBit: policy, longLines: 'fold' } as const
  const handling = {
    ...{ stream, campaign: null, labels: null, sendAt: null, sandbox: about.sandbox },
    ...{ tracks: [], isTrackingAsked: false, engagement: null, wish: null },
  }
  const rules = { gate: ownGate, quotas: null, repeats: null, handle: () => handling }
  const submitter = { ...about, usualStream: null, credential: null, isSandbox: about.sandbox }
  const draft = new MessageDraft(context, submitter, envelope, OURS, rules)
  await draft.write(content)
  return draft.finish()
}

/** As the message's that it is about; one that was removed since is as most are. */
function streamOf({ clock, directory }: AcceptContext, { tenant, stream }: OwnSubmitter): Stream {
  return (
    directory().stream(tenant, stream) ??
    usualStream({ tenant, name: stream, kind: 'transactional' }, retrySchedules, clock.now())
  )
}
