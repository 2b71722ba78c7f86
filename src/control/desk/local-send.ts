// SPDX-License-Identifier: Apache-2.0
/** A message from the shell or over HTTP: whoever asks has made sure whose it is. */
import type { Acceptance, Acceptor } from '../../accept/acceptor.ts'
import { type Instant, instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { type Mailbox, parseMailbox } from '../../protocol/mailbox.ts'
import { formatReply } from '../../protocol/reply.ts'
import type { Directory } from '../../records/directory.ts'
import { unknownRecord } from '../../records/naming.ts'
import { type CredentialId, parseSlug, type Slug } from '../../records/records.ts'
import { suppressionName } from '../../records/suppressions/suppression-name.ts'
import type { Labels } from '../../spool/message.ts'
import type { Spool } from '../../spool/spool.ts'
import type { SendRequest, Sent } from './mail-desk.ts'

/** RFC 3848 has no word for either. */
const protocols = { shell: 'LOCAL', http: 'HTTP' } as const

export class LocalSend {
  readonly #acceptor: Acceptor
  readonly #directory: () => Directory
  readonly #clock: Clock
  readonly #newId: Spool['newId']

  constructor(acceptor: Acceptor, directory: () => Directory, clock: Clock, newId: Spool['newId']) {
    this.#acceptor = acceptor
    this.#clock = clock
    this.#newId = newId
    this.#directory = directory
  }

  /** Throws `RLY_GATE` where the gate of its stream refuses it, `RLY_QUOTA` where a quota is used up, `RLY_REFUSED` where all else does, or `RLY_BUSY` where it may be tried again, with the reply that a submitter would have got. */
  async send(request: SendRequest): Promise<Sent> {
    const { tenant, stream } = this.#whose(request)
    const submitter = {
      tenant,
      stream: null,
      usualStream: null,
      // Of keys as of credentials: what came with them is counted, and found again.
      credential: request.key as CredentialId | null,
      isSandbox: false,
    }
    const envelope = envelopeOf(request)
    const provenance = {
      address: request.address,
      helo: request.by === 'shell' ? 'localhost' : '',
      protocol: protocols[request.by],
      tls: null,
    }
    const draft = this.#acceptor.begin(submitter, envelope, provenance, {
      stream,
      campaign: request.campaign,
      labels: labelsOf(request),
      sandbox: request.sandbox,
      tracks: request.tracks,
      engagement: request.engagement,
      spread: request.spread,
      ...(request.once && { repeats: { id: this.#newId(request.once), retryOf: null } }),
    })
    await draft.write(Buffer.from(request.content, 'base64'))
    const acceptance = await draft.finish()
    if (acceptance.kind === 'refused') {
      const { reply } = acceptance
      const { reversePath } = envelope
      // As a listener tells it.
      this.#acceptor.rejected({
        ...{ submitter: { ...submitter, stream }, provenance, reply },
        ...{ reversePath, recipient: null },
      })
      throw refused(acceptance, this.#clock.now())
    }
    return {
      messageId: acceptance.id,
      suppressed: acceptance.suppressed.map(({ recipient, suppression }) => ({
        recipient,
        reason: suppression.reason,
        suppression: suppressionName(suppression),
      })),
    }
  }

  #whose(request: SendRequest): { readonly tenant: Slug; readonly stream: Slug | null } {
    const directory = this.#directory()
    const tenant = parseSlug(request.tenant)
    if (tenant === null || !directory.tenants.has(tenant)) {
      throw unknownRecord('tenant', request.tenant, [...directory.tenants.keys()])
    }
    if (request.stream === null) return { tenant, stream: null }
    const stream = parseSlug(request.stream)
    if (stream === null || directory.stream(tenant, stream) === null) {
      const names = directory.streamsOf(tenant).map(({ name }) => name)
      throw unknownRecord(`stream of tenant "${tenant}" named`, request.stream, names)
    }
    return { tenant, stream }
  }
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (parsed === null)
    throw new RelayError('RLY_USAGE', `"${text}" is not an address: expected local-part@domain`)
  return parsed
}

function refused(
  { reply, check, until }: Extract<Acceptance, { kind: 'refused' }>,
  now: Instant,
): RelayError {
  if (check !== null) return new RelayError('RLY_GATE', formatReply(reply))
  if (until !== null) {
    const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1_000))
    return new RelayError('RLY_QUOTA', formatReply(reply), { retryAfterSeconds })
  }
  return new RelayError(reply.code < 500 ? 'RLY_BUSY' : 'RLY_REFUSED', formatReply(reply))
}

function envelopeOf(request: SendRequest): Envelope {
  const { releaseAt } = request
  return {
    reversePath: request.reversePath === '' ? null : mailbox(request.reversePath),
    recipients: request.recipients.map((text) => ({
      forwardPath: mailbox(text),
      // Events tell a program more than a DSN would.
      notify: request.by === 'http' ? [] : null,
      originalRecipient: null,
    })),
    body: '8BITMIME',
    smtputf8: true,
    ret: null,
    envid: null,
    ...(releaseAt !== null && {
      release: { at: instant(Date.parse(releaseAt)), asked: `until;${releaseAt}` },
    }),
  }
}

function labelsOf({ tags, metadata }: SendRequest): Labels | null {
  return tags.length === 0 && Object.keys(metadata).length === 0 ? null : { tags, metadata }
}
